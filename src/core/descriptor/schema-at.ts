import { z } from 'zod';
import type { DocumentPath } from './issue';

const isMap = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a document holds at a path, or undefined. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((held, part) => {
    if (Array.isArray(held)) return typeof part === 'number' ? held[part] : undefined;
    return isMap(held) && Object.hasOwn(held, part) ? held[part] : undefined;
  }, value);
}

/** The schema without the wrappings that only say what happens when the value is left out. */
function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap();
  }
  return inner;
}

/** The schema of what stands at a path; the value tells which branch of a union is meant. */
export function schemaAt(schema: unknown, path: DocumentPath, value: unknown): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodDiscriminatedUnion) {
    return schemaAt(
      inner.options.find((option) => isBranch(option, value)),
      path,
      value,
    );
  }
  const [part, ...rest] = path;
  if (part === undefined) return inner;
  const below = valueAt(value, [part]);
  if (inner instanceof z.ZodObject) return schemaAt(inner.shape[part], rest, below);
  if (inner instanceof z.ZodArray) return schemaAt(inner.element, rest, below);
  if (inner instanceof z.ZodRecord) return schemaAt(inner.valueType, rest, below);
  return undefined;
}

function isBranch(option: unknown, value: unknown): boolean {
  if (!(option instanceof z.ZodObject) || !isMap(value)) return false;
  const kind: unknown = option.shape['kind'];
  return kind instanceof z.ZodLiteral && kind.safeParse(value['kind']).success;
}

/** The keys that an object schema, or the keyed record schema, allows. */
export function keysOf(schema: unknown): readonly string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  if (inner instanceof z.ZodRecord && inner.keyType instanceof z.ZodEnum) return inner.keyType.options.map(String);
  return [];
}

/** The schemas a union chooses from. */
export function branchesOf(schema: unknown): readonly unknown[] {
  const inner = unwrap(schema);
  return inner instanceof z.ZodUnion ? inner.options : [];
}

/** What a schema says about its value in plain words, without the last full stop. */
export function descriptionOf(schema: unknown): string | undefined {
  for (let inner = schema; inner instanceof z.ZodType;) {
    if (inner.description !== undefined) return inner.description.replace(/\.$/, '');
    const next = inner instanceof z.ZodOptional || inner instanceof z.ZodDefault ? inner.unwrap() : undefined;
    if (next === undefined) return undefined;
    inner = next;
  }
  return undefined;
}

/** Whether the value would be a secret if somebody wrote it where its reference belongs. */
export function isSecret(schema: unknown): boolean {
  const inner = unwrap(schema);
  return inner instanceof z.ZodType && inner.meta()?.['writeOnly'] === true;
}
