/** One statement that makes one object of a copy. */
export type CopyStatement = {
  /** As the schema snapshot names it where it can, e.g. `table public.orders`. */
  readonly object: string;
  readonly ddl: string;
};

/**
 * Common table expressions of every query here: `n` the namespaces that a copy takes, `own` whether an object of one belongs to
 * no extension, which brings its objects itself.
 */
export const copied = `
  n as (select oid, nspname from pg_namespace
         where nspname !~ '^pg_' and nspname not in ('information_schema', 'spillway')),
  member as (select classid, objid from pg_depend where deptype = 'e')`;

/** A condition: the object `oid` of catalogue `catalogue` belongs to no extension. */
export const isOwn = (catalogue: string, oid: string): string =>
  `not exists (select from member where member.classid = '${catalogue}'::regclass and member.objid = ${oid})`;
