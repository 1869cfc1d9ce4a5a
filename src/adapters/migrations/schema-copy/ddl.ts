import type { Session } from '../../postgres/session';

/** One statement that makes one object of a copy. */
export type CopyStatement = {
  /** As the schema snapshot names it where it can, e.g. `table public.orders`. */
  readonly object: string;
  readonly ddl: string;
};

/**
 * Common table expressions of every query here: `n` the namespaces that a copy takes, `member` what belongs to an extension, which
 * brings its objects itself, `scope` the one table that is asked for as `$1`, or null for all there is. Names are written with
 * their schema where that is not on the search path.
 */
export const copied = `
  scope as (select $1::oid as oid),
  n as (select oid, nspname from pg_namespace
         where nspname !~ '^pg_' and nspname not in ('information_schema', 'spillway')),
  member as (select classid, objid from pg_depend where deptype = 'e')`;

/** A condition: the object `oid` of catalogue `catalogue` belongs to no extension. */
export const isOwn = (catalogue: string, oid: string): string =>
  `not exists (select from member where member.classid = '${catalogue}'::regclass and member.objid = ${oid})`;

/** A condition: all there is is asked for, or the table `oid`. */
export const inScope = (oid: string): string => `(select scope.oid is null or scope.oid = ${oid} from scope)`;

/** A condition: all there is is asked for. */
export const isWhole = '(select scope.oid is null from scope)';

/** Asks queries of this kind one after another, of the table `oid` or of all there is. */
export const ddlReader =
  (session: Session, { oid, timeoutMs }: { readonly oid: string | null; readonly timeoutMs: number }) =>
  async (...queries: readonly string[]): Promise<readonly CopyStatement[]> => {
    const statements: CopyStatement[] = [];
    for (const sql of queries)
      statements.push(...(await session.query<CopyStatement>(sql, { values: [oid], timeoutMs })).rows);
    return statements;
  };
