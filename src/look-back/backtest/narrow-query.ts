/** Part of an expression: a selector with its braces, or anything else. */
type Part = { readonly text: string; readonly isSelector: boolean };

// In this order: text in quotes and comments may hold braces that are none.
const tokens = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|[{}]/g;
const nameBefore = /[A-Za-z_:][\w:]*\s*$/;

/** The expression cut at its selectors; undefined where the braces do not match. */
function partsOf(query: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  let [from, opened] = [0, -1];
  for (const { 0: token, index } of query.matchAll(tokens)) {
    if (token === '{') {
      if (opened >= 0) return undefined;
      opened = index - (nameBefore.exec(query.slice(from, index))?.[0].length ?? 0);
    } else if (token === '}') {
      if (opened < 0) return undefined;
      parts.push({ text: query.slice(from, opened), isSelector: false });
      parts.push({ text: query.slice(opened, index + 1), isSelector: true });
      [from, opened] = [index + 1, -1];
    }
  }
  return opened >= 0 ? undefined : [...parts, { text: query.slice(from), isSelector: false }];
}

const namesSlot = ({ text }: Part): boolean => text.includes('$slot');

/** The selectors of an expression that name the slot; none where the slot stands anywhere else too, so that arms cannot be told apart. */
export function slotSelectors(query: string): readonly string[] {
  const parts = partsOf(query) ?? [];
  if (parts.some((part) => !part.isSelector && namesSlot(part))) return [];
  return parts.filter((part) => part.isSelector && namesSlot(part)).map(({ text }) => text);
}

const escaped = (name: string): string => name.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** The expression with every selector that names the slot narrowed to the instances named; what it counts of others stays. */
export function narrowQuery(
  query: string,
  { label, names }: { readonly label: string; readonly names: readonly string[] },
): string {
  const matcher = `${label}=~${JSON.stringify(names.map(escaped).join('|'))}`;
  return (partsOf(query) ?? [])
    .map((part) =>
      part.isSelector && namesSlot(part) ? part.text.replace(/\s*,?\s*\}$/, () => `,${matcher}}`) : part.text,
    )
    .join('');
}
