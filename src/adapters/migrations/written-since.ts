/**
 * SQL that is true for a row whose writer, an `xmin`, the snapshot does not see and that is not one of `without`, numbers as text.
 * A row keeps 32 bits of its writer's number; the rest is that of the newest transaction, or one less.
 */
export const writtenSince = (writer: string, snapshot: string, without: string): string => `
  (not pg_visible_in_snapshot((
    (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint) / 4294967296 * 4294967296 + ${writer}::text::bigint
    - case when ${writer}::text::bigint > (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint) % 4294967296
           then 4294967296 else 0 end)::text::xid8, ${snapshot}::pg_snapshot)
  and ${writer}::text <> all (${without}::text[]))`;
