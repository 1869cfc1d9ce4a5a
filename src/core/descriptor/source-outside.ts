import type { Source } from './source';
import type { Place } from './source-node';

type Stretch = readonly [from: number, to: number];

/** Where the words of every value stand; a block of text begins below its mark, behind which a comment may stand. */
function stretches(place: Place, text: string): readonly Stretch[] {
  const { valueAt, valueEnd, children } = place;
  if (children.size > 0) return [...children.values()].flatMap((child) => stretches(child, text));
  const isBlock = /[|>]/.test(text.charAt(valueAt));
  const lineEnd = text.indexOf('\n', valueAt);
  const from = isBlock && lineEnd !== -1 ? lineEnd : valueAt;
  return from < valueEnd ? [[from, valueEnd]] : [];
}

/** What a file says beside its values, in comments and names, each character where it was: values are blank. */
export function textOutsideValues({ text, root }: Pick<Source, 'text' | 'root'>): string {
  const parts: string[] = [];
  let end = 0;
  for (const [from, to] of [...stretches(root, text)].sort(([a], [b]) => a - b)) {
    if (from < end) continue;
    parts.push(text.slice(end, from), ' '.repeat(to - from));
    end = to;
  }
  return [...parts, text.slice(end)].join('');
}
