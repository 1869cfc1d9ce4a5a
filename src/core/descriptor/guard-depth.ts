type Line = { readonly indent: number; readonly lineStart: number; indicators: number };
/** A list in brackets may hold a map without braces, so its first indicator nests; that of a map in braces does not. */
type Bracket = { readonly least: 0 | 1; indicators: number };

/**
 * An upper measure of nesting, taken token by token: every open bracket, and every block indicator of each line
 * that the present line is indented under.
 */
export function createDepth(text: string): {
  readonly step: (token: string | null, place: { readonly lineStart: number }) => void;
  readonly now: () => number;
} {
  const lines: Line[] = [];
  const brackets: Bracket[] = [];
  let block = 0;
  let flow = 0;

  const setFlow = (bracket: Bracket, indicators: number): void => {
    flow += levelsOf(bracket.least, indicators) - levelsOf(bracket.least, bracket.indicators);
    bracket.indicators = indicators;
  };
  const open = (least: Bracket['least']): void => {
    brackets.push({ least, indicators: 0 });
    flow += levelsOf(least, 0);
  };
  const close = (): void => {
    const last = brackets.pop();
    if (last !== undefined) flow -= levelsOf(last.least, last.indicators);
  };
  const countBlock = (lineStart: number): void => {
    const top = lines.at(-1);
    block += 1;
    if (top?.lineStart === lineStart) {
      top.indicators += 1;
      return;
    }
    const indent = indentAt(text, lineStart);
    for (let last = lines.at(-1); last !== undefined && last.indent >= indent; last = lines.at(-1)) {
      block -= last.indicators;
      lines.pop();
    }
    lines.push({ indent, lineStart, indicators: 1 });
  };

  const step = (token: string | null, { lineStart }: { readonly lineStart: number }): void => {
    const bracket = brackets.at(-1);
    if (token === 'flow-map-start') open(0);
    if (token === 'flow-seq-start') open(1);
    if (token === 'flow-map-end' || token === 'flow-seq-end') close();
    if (token === 'comma' && bracket !== undefined) setFlow(bracket, 0);
    if (token === 'seq-item-ind' || token === 'explicit-key-ind' || token === 'map-value-ind') {
      if (bracket === undefined) countBlock(lineStart);
      else setFlow(bracket, bracket.indicators + 1);
    }
  };
  return { step, now: () => block + flow };
}

const levelsOf = (least: Bracket['least'], indicators: number): number => Math.max(1, least + indicators);

function indentAt(text: string, lineStart: number): number {
  let end = lineStart;
  while (text[end] === ' ') end += 1;
  return end - lineStart;
}
