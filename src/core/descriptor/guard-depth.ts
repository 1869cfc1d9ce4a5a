type Frame = { readonly indent: number; readonly lineStart: number; indicators: number };

/**
 * An upper measure of nesting, taken token by token: open brackets, plus the block indicators of every line
 * that the present line is indented under.
 */
export function createDepth(text: string): {
  readonly step: (token: string | null, place: { readonly lineStart: number }) => void;
  readonly now: () => number;
} {
  const frames: Frame[] = [];
  let block = 0;
  let flow = 0;

  const countIndicator = (lineStart: number): void => {
    const top = frames.at(-1);
    if (top?.lineStart === lineStart) {
      top.indicators += 1;
    } else {
      const indent = indentAt(text, lineStart);
      for (let last = frames.at(-1); last !== undefined && last.indent >= indent; last = frames.at(-1)) {
        block -= last.indicators;
        frames.pop();
      }
      frames.push({ indent, lineStart, indicators: 1 });
    }
    block += 1;
  };

  return {
    step: (token, { lineStart }) => {
      if (token === 'flow-map-start' || token === 'flow-seq-start') flow += 1;
      if (token === 'flow-map-end' || token === 'flow-seq-end') flow = Math.max(0, flow - 1);
      if (token === 'flow-error-end') flow = 0;
      if (token === 'seq-item-ind' || token === 'explicit-key-ind' || token === 'map-value-ind') {
        if (flow === 0) countIndicator(lineStart);
      }
    },
    now: () => block + flow,
  };
}

function indentAt(text: string, lineStart: number): number {
  let end = lineStart;
  while (text[end] === ' ') end += 1;
  return end - lineStart;
}
