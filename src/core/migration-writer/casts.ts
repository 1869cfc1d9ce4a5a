import type { Expression } from './expression';
import { strict } from './expression';

type Both = { readonly forward: Expression; readonly back: Expression };
type Ends = { readonly old: string; readonly fresh: string; readonly oldType: string; readonly freshType: string };

const aliases: readonly (readonly [RegExp, string])[] = [
  [/^(int2|smallint)$/, 'smallint'],
  [/^(int|int4|integer)$/, 'integer'],
  [/^(int8|bigint)$/, 'bigint'],
  [/^(numeric|decimal)$/, 'numeric'],
  [/^(text|varchar|character varying)$/, 'text'],
  [/^timestamp( without time zone)?$/, 'timestamp'],
  [/^(timestamptz|timestamp with time zone)$/, 'timestamptz'],
  [/^bool(ean)?$/, 'boolean'],
  [/^(date|uuid|json|jsonb)$/, '$1'],
];

/** The family of a type: its name without length, `text` for all that hold text. */
function familyOf(type: string): string | undefined {
  const plain = type
    .toLowerCase()
    .replace(/ *\([\d, ]+\)/, '')
    .trim();
  const found = aliases.find(([pattern]) => pattern.test(plain));
  return found === undefined ? undefined : plain.replace(found[0], found[1]);
}

/** Whole numbers: least, greatest, and how many digits always fit. */
const whole: { readonly [family: string]: readonly [string, string, number] | undefined } = {
  smallint: ['-32768', '32767', 4],
  integer: ['-2147483648', '2147483647', 9],
  bigint: ['-9223372036854775808', '9223372036854775807', 18],
};

const lengthOf = (type: string): string | undefined => /\( *(\d+) *\)/.exec(type)?.[1];

/** What the old column takes of a longer text: an error here would be one of the new version's writes. */
function textBack({ fresh, oldType }: Ends): Expression {
  const length = lengthOf(oldType);
  return strict((ref) => (length === undefined ? ref(fresh) : `pg_catalog.left(${ref(fresh)}, ${length})`));
}

/** A number that the old column cannot hold becomes the nearest one that it can; the losses query names the row. */
function numberBack({ fresh, oldType }: Ends, [least, greatest]: readonly [string, string, number]): Expression {
  return strict((ref) => {
    const value = ref(fresh);
    return `(case when ${value} > ${greatest} then ${greatest} when ${value} < ${least} then ${least} else cast(${value} as ${oldType}) end)`;
  });
}

const cast = (column: string, type: string): Expression => strict((ref) => `cast(${ref(column)} as ${type})`);

/** Null for a text that is no such value; only a column that may be null can take it. */
const castWhere = (column: string, pattern: string, type: string): Expression =>
  strict((ref) => `(case when ${ref(column)} ~ '${pattern}' then cast(${ref(column)} as ${type}) end)`);

const uuidPattern = '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$';

/** At UTC, because the time zone of a session would give each client another moment. */
const atUtc = (column: string): Expression => strict((ref) => `(${ref(column)} at time zone 'UTC')`);

/**
 * Expressions for a change of type that need nobody's judgement; undefined where a person has to write them.
 * The way back never fails for a value of the new type: it would fail the new version's writes.
 */
export function defaultCasts(ends: Ends, isOldRequired: boolean): Both | undefined {
  const { old, fresh, oldType, freshType } = ends;
  const [from, to] = [familyOf(oldType), familyOf(freshType)];
  if (from === undefined || to === undefined) return undefined;
  const [oldWhole, freshWhole] = [whole[from], whole[to]];
  const pair = `${from} ${to}`;
  if (from === 'text' && to === 'text') return { forward: strict((ref) => ref(old)), back: textBack(ends) };
  if (oldWhole !== undefined && (freshWhole !== undefined || to === 'numeric'))
    return { forward: cast(old, freshType), back: numberBack(ends, oldWhole) };
  if (to === 'text' && lengthOf(freshType) === undefined && !isOldRequired) {
    if (oldWhole !== undefined)
      return { forward: cast(old, freshType), back: castWhere(fresh, `^[+-]?[0-9]{1,${oldWhole[2]}}$`, oldType) };
    if (from === 'uuid') return { forward: cast(old, freshType), back: castWhere(fresh, uuidPattern, oldType) };
  }
  if (from === 'text' && lengthOf(oldType) === undefined && (freshWhole !== undefined || to === 'uuid'))
    return { forward: cast(old, freshType), back: cast(fresh, oldType) };
  if (pair === 'timestamp timestamptz' || pair === 'timestamptz timestamp')
    return { forward: atUtc(old), back: atUtc(fresh) };
  if (pair === 'date timestamp' || pair === 'json jsonb' || pair === 'jsonb json')
    return { forward: cast(old, freshType), back: cast(fresh, oldType) };
  if (pair === 'boolean integer')
    return { forward: cast(old, freshType), back: strict((ref) => `(${ref(fresh)} <> 0)`) };
  return undefined;
}
