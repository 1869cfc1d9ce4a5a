/** A selector with one more matcher. */
export function withMatcher(selector: string, matcher: string): string {
  const end = selector.lastIndexOf('}');
  if (end === -1) return `${selector}{${matcher}}`;
  const inside = selector.slice(selector.indexOf('{') + 1, end).trim();
  const separator = inside === '' || inside.endsWith(',') ? '' : ',';
  return `${selector.slice(0, end)}${separator}${matcher}${selector.slice(end)}`;
}
