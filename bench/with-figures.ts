/** The document with what stands between the two marks of `place` replaced. */
export function withFigures(document: string, place: string, figures: string): string {
  const [begin, end] = [`<!-- figures of ${place}: written by the benchmark -->`, `<!-- end of ${place} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the document lacks the marks ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${figures}\n\n${document.slice(to)}`;
}
