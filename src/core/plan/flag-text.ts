import type { Json } from '../json';

const longest = 100;

/** The value of a flag in one short line, for titles and summaries; the plan shows the whole of it. */
export function flagText(value: Json): string {
  const text = JSON.stringify(value);
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
