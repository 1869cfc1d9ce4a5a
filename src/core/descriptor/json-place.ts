import type { DocumentPath } from './issue';

export type TextPlace = { readonly line: number; readonly column: number };

/** Line and column of an offset, both from 1. */
export function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

type Level = { readonly isList: boolean; index: number; key: string | undefined };

const stepOf = ({ isList, index, key }: Level): string | number | undefined => (isList ? index : key);

/**
 * Where in a text, which must be JSON, the value at a path begins; of what is not there, the nearest that holds it.
 * A key that stands twice is found at its last place, as the parser reads it.
 */
export function jsonPlace(text: string, path: DocumentPath): TextPlace {
  const levels: Level[] = [];
  let [found, foundDepth] = [0, -1];
  const seeValue = (offset: number): void => {
    const depth = levels.length;
    const isOnPath = depth <= path.length && levels.every((level, at) => stepOf(level) === path[at]);
    if (isOnPath && depth >= foundDepth) [found, foundDepth] = [offset, depth];
  };
  for (const match of text.matchAll(token)) {
    const [word] = match;
    const level = levels.at(-1);
    if (word === '}' || word === ']') levels.pop();
    else if (word === ',') {
      if (level !== undefined) [level.index, level.key] = [level.index + 1, undefined];
    } else if (word === ':') continue;
    else if (level !== undefined && !level.isList && level.key === undefined) level.key = String(JSON.parse(word));
    else {
      seeValue(match.index);
      if (word === '{' || word === '[') levels.push({ isList: word === '[', index: 0, key: undefined });
    }
  }
  return placeAt(text, found);
}
