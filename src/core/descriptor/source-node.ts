import { isMap, isScalar, isSeq, type LineCounter, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { DocumentPath, Finding } from './issue';
import { checkNumber } from './source-number';

/** Where a value stands, as offsets into the text. */
export type Place = {
  readonly keyAt: number | undefined;
  readonly valueAt: number;
  /** Where a scalar ends; where it begins when it is empty. */
  readonly valueEnd: number;
  readonly isQuoted: boolean;
  /** The characters of a scalar as written, without quotes. */
  readonly written: string | undefined;
  readonly children: ReadonlyMap<string | number, Place>;
};

type Read = { readonly value: unknown; readonly place: Place };
type Where = { readonly path: DocumentPath; readonly keyAt: number | undefined };
type Reader = { readonly lines: LineCounter; readonly findings: Finding[] };

/** Turns a node and all below it into plain data; the guard has bounded the depth. */
export function readNode(node: Node | null, lines: LineCounter): Read & { readonly findings: readonly Finding[] } {
  const reader = { lines, findings: [] };
  return { ...readAny(node, { path: [], keyAt: undefined }, reader), findings: reader.findings };
}

function readAny(node: unknown, where: Where, reader: Reader): Read {
  if (isMap(node)) return readMap(node, where, reader);
  if (isSeq(node)) return readSequence(node, where, reader);
  return readScalar(isScalar(node) ? node : undefined, where, reader);
}

// Keys that reach into the prototype of an object instead of naming a property of their own.
const poisonous: readonly string[] = ['__proto__', 'constructor', 'prototype'];

function readMap(node: YAMLMap, { path, keyAt }: Where, reader: Reader): Read {
  const entries: [string, unknown][] = [];
  const children = new Map<string, Place>();
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? pair.key : undefined;
    const name = typeof key?.value === 'string' ? key.value : '';
    const here = { path: [...path, name], keyAt: key?.range?.[0] };
    const first = children.get(name);
    if (first !== undefined) {
      reader.findings.push(repeatedKey(name, { ...here, first, lines: reader.lines }));
      continue;
    }
    const child = readAny(pair.value, here, reader);
    children.set(name, child.place);
    if (poisonous.includes(name)) reader.findings.push(poisonousKey(name, here.path));
    else entries.push([name, child.value]);
  }
  const valueAt = node.range?.[0] ?? keyAt ?? 0;
  return {
    value: Object.fromEntries(entries),
    place: { keyAt, valueAt, valueEnd: valueAt, isQuoted: false, written: undefined, children },
  };
}

function readSequence(node: YAMLSeq, { path, keyAt }: Where, reader: Reader): Read {
  const items = node.items.map((item, index) => readAny(item, { path: [...path, index], keyAt: undefined }, reader));
  const children = new Map(items.map(({ place }, index) => [index, place]));
  const valueAt = node.range?.[0] ?? keyAt ?? 0;
  return {
    value: items.map(({ value }) => value),
    place: { keyAt, valueAt, valueEnd: valueAt, isQuoted: false, written: undefined, children },
  };
}

function readScalar(node: Scalar | undefined, { path, keyAt }: Where, reader: Reader): Read {
  const written = node?.source ?? '';
  const isQuoted = node?.type === 'QUOTE_DOUBLE' || node?.type === 'QUOTE_SINGLE';
  // A value that is not there is shown at its key.
  const isEmpty = written === '' && !isQuoted;
  const valueAt = (isEmpty ? keyAt : undefined) ?? node?.range?.[0] ?? keyAt ?? 0;
  const value: unknown = node?.value ?? null;
  const finding = typeof value === 'number' ? checkNumber(value, written) : undefined;
  if (finding !== undefined) reader.findings.push({ ...finding, path });
  const valueEnd = isEmpty ? valueAt : (node?.range?.[1] ?? valueAt);
  return { value, place: { keyAt, valueAt, valueEnd, isQuoted, written, children: new Map() } };
}

function repeatedKey(
  name: string,
  at: {
    readonly path: DocumentPath;
    readonly keyAt: number | undefined;
    readonly first: Place;
    readonly lines: LineCounter;
  },
): Finding {
  const { line, col } = at.lines.linePos(at.first.keyAt ?? 0);
  return {
    code: 'key-twice',
    path: at.path,
    ...(at.keyAt === undefined ? {} : { offset: at.keyAt }),
    message: `${JSON.stringify(name)} already stands at ${line}:${col}, so one of the two would be lost`,
    fix: 'keep one of them',
  };
}

function poisonousKey(name: string, path: DocumentPath): Finding {
  return {
    code: 'key-refused',
    path,
    at: 'key',
    message: `the name ${JSON.stringify(name)} is refused because programs treat it as part of themselves`,
    fix: 'choose another name',
  };
}
