import type { Effect } from '../plan/effects';

/** SQL whose effect cannot be told from its words: whatever changed may be its work. */
const opaque = /\b(cascade|execute|call|do)\b|(^|;)\s*select\b/i;
const words = /[a-z_][a-z0-9_$]*/g;
/** PostgreSQL shortens the names it makes up beyond 63 bytes, so that they begin with nobody's name. */
const longestPlainName = 58;

const withoutComments = (sql: string): string => sql.replace(/--[^\n]*/g, ' ').replace(/\/\*[\s\S]*?\*\//g, ' ');

const sqlOf = (effect: Effect): readonly string[] =>
  effect.kind !== 'migrate' ? [] : [effect.apply.sql, ...('sql' in effect.undo ? [effect.undo.sql] : [])];

/** Identifiers of an object behind its namespace; undefined for a name that is not understood. */
function namesIn(object: string): readonly string[] | undefined {
  const [, , rest] = /^(\w+) [^.]+\.(.+)$/s.exec(object) ?? [];
  return rest?.toLowerCase().match(words) ?? undefined;
}

/**
 * Whether an object of a database may be the work of these effects, by the names in their SQL: the object's own name, its
 * table's, or a name that PostgreSQL makes up from them (`orders_note_key`). In doubt it is theirs: then it must be as it was.
 */
export function mayBeTheirs(effects: readonly Effect[], target: string): (object: string) => boolean {
  const sql = effects
    .filter((effect) => effect.target === target)
    .flatMap(sqlOf)
    .map(withoutComments);
  if (sql.some((text) => opaque.test(text))) return () => true;
  const known = new Set(sql.flatMap((text) => text.toLowerCase().match(words) ?? []));
  const isKnown = (name: string): boolean => {
    if (name.length > longestPlainName) return true;
    const parts = name.split('_');
    return parts.some((_, index) => known.has(parts.slice(0, index + 1).join('_')));
  };
  return (object) => namesIn(object)?.some(isKnown) ?? true;
}
