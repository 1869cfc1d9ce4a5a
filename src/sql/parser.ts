import instantiate from 'libpg-query/wasm/libpg-query.js';
import type { ParseResult } from 'libpg-query';

type Instance = Awaited<ReturnType<typeof instantiate>>;

export type ParsedTree =
  | { readonly ok: true; readonly tree: ParseResult }
  /** `codePoint` is the place, counted in code points from 0; undefined where the parser gave up without one. */
  | { readonly ok: false; readonly message: string; readonly codePoint: number | undefined };

let instance: Promise<Instance> | undefined;

/** PostgreSQL's own parser; it is loaded at the first call and kept. */
export async function parseTree(sql: string): Promise<ParsedTree> {
  instance ??= instantiate();
  const parser = await instance;
  try {
    return readTree(parser, sql);
  } catch {
    // Text nested beyond the machine's stack leaves a broken instance behind, so the next text gets a new one.
    instance = undefined;
    return { ok: false, message: 'it is nested too deeply for the parser', codePoint: undefined };
  }
}

function readTree(parser: Instance, sql: string): ParsedTree {
  const bytes = parser.lengthBytesUTF8(sql) + 1;
  const text = parser._malloc(bytes);
  parser.stringToUTF8(sql, text, bytes);
  const result = parser._wasm_parse_query_raw(text);
  try {
    const [tree, , error] = readPointers(parser, { at: result, count: 3 });
    return error === undefined || error === 0
      ? { ok: true, tree: readJson(parser.UTF8ToString(tree ?? 0)) }
      : readError(parser, error);
  } finally {
    parser._wasm_free_parse_result(result);
    parser._free(text);
  }
}

function readError(parser: Instance, at: number): ParsedTree {
  // message, function, file, line in that file, place in the text counted from 1.
  const [message = 0, , , , place = 0] = readPointers(parser, { at, count: 5 });
  return { ok: false, message: parser.UTF8ToString(message), codePoint: Math.max(0, place - 1) };
}

const readPointers = (parser: Instance, { at, count }: { readonly at: number; readonly count: number }) =>
  Array.from({ length: count }, (_, index) => parser.getValue(at + 4 * index, 'i32'));

function readJson(text: string): ParseResult {
  const value: unknown = JSON.parse(text);
  if (!isTree(value)) throw new Error('the parser gave no tree');
  return value;
}

const isTree = (value: unknown): value is ParseResult => typeof value === 'object' && value !== null;
