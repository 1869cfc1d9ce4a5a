/** A place in a text as people count it: both from 1, columns in UTF-16 units as editors do. */
export type Place = { readonly line: number; readonly column: number };

/** Turns the positions of the parser, which counts bytes of UTF-8, into those of a text. */
export type Places = {
  /** Offset into the text, in UTF-16 units. */
  readonly offsetOfByte: (byte: number) => number;
  /** The byte at which an offset stands. */
  readonly byteOfOffset: (offset: number) => number;
  readonly offsetOfCodePoint: (count: number) => number;
  readonly placeOf: (offset: number) => Place;
};

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Reads a text once, so that each position costs little however long it is. */
export function readPlaces(text: string): Places {
  const offsets = isAscii(text) ? undefined : offsetsByByte(text);
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  const clip = (offset: number): number => Math.min(Math.max(0, offset), text.length);
  return {
    offsetOfByte: (byte) => clip(offsets === undefined ? byte : (offsets[byte] ?? text.length)),
    byteOfOffset: (offset) => (offsets === undefined ? offset : Buffer.byteLength(text.slice(0, offset))),
    offsetOfCodePoint: (count) => (offsets === undefined ? clip(count) : [...text].slice(0, count).join('').length),
    placeOf: (offset) => {
      const line = lastAtOrBefore(lineStarts, offset);
      return { line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 };
    },
  };
}

function offsetsByByte(text: string): Uint32Array {
  const offsets = new Uint32Array(Buffer.byteLength(text) + 1);
  let byte = 0;
  let offset = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(character);
    offsets.fill(offset, byte, byte + bytes);
    byte += bytes;
    offset += character.length;
  }
  offsets[byte] = offset;
  return offsets;
}

/** Index of the last of rising numbers that is not above `limit`; the first is never above. */
function lastAtOrBefore(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((rising[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
