const blank = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'end';

/** How many characters a pattern matches at a place; undefined when it does not. */
function lengthAt(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length;
}

/**
 * The offset at which a text stops being JSON; undefined when it is JSON. For texts that the engine's parser has refused:
 * where it stopped is in its message in some versions only.
 */
export function findJsonFault(text: string): number | undefined {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'value';
  const close = (): Expected => {
    const outer = open.at(-1);
    return outer === undefined ? 'end' : outer === '[' ? ', or ]' : ', or }';
  };
  for (let at = lengthAt(blank, text, 0) ?? 0; at < text.length;) {
    const sign = text[at] ?? '';
    let length: number | undefined = 1;
    if (expected === ':' && sign === ':') expected = 'value';
    else if (expected === ', or ]' && sign === ',') expected = 'value';
    else if (expected === ', or }' && sign === ',') expected = 'key';
    else if ((sign === ']' || sign === '}') && expected.endsWith(`or ${sign}`)) {
      open.pop();
      expected = close();
    } else if (expected.startsWith('key')) {
      length = lengthAt(string, text, at);
      expected = ':';
    } else if (expected.startsWith('value') && (sign === '[' || sign === '{')) {
      open.push(sign);
      expected = sign === '[' ? 'value or ]' : 'key or }';
    } else if (expected.startsWith('value')) {
      length = lengthAt(sign === '"' ? string : scalar, text, at);
      expected = close();
    } else return at;
    if (length === undefined) return at;
    at += length;
    at += lengthAt(blank, text, at) ?? 0;
  }
  return expected === 'end' ? undefined : text.trimEnd().length;
}
