/** Label → value; `$slot` stands for the slot and `*` for any text. A list means any of its texts. */
export type Labels = { readonly [label: string]: string | readonly string[] };

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A pattern that matches the text exactly, but for `*`; the mark `$slot` stays as it is. */
const pattern = (text: string): string =>
  text
    .split('*')
    .map((part) => part.split('$slot').map(literal).join('$slot'))
    .join('.*');

/** Matchers of PromQL, without the braces: no value can leave its quotes, whatever characters it holds. */
export const matchersOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([label, value]) => {
      if (typeof value !== 'string') return `${label}=~${quoted(value.map(pattern).join('|'))}`;
      return value.includes('*') ? `${label}=~${quoted(pattern(value))}` : `${label}=${quoted(value)}`;
    })
    .join(',');
