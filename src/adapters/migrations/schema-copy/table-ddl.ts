import { withSearchPath } from '../../postgres/search-path';
import type { Session } from '../../postgres/session';
import { constraintsDdl, indexesDdl, reactionsDdl, referencesDdl } from './belongings-ddl';
import { ddlReader, type CopyStatement } from './ddl';
import { sequencesDdl, tablesDdl, tableTiesDdl } from './tables-ddl';

/** A reference of the table to another one. */
export type Reference = { readonly name: string; readonly ddl: string; readonly isValid: boolean };

/** What makes one table anew; names of its own schema stand without it, so that the search path says where. */
export type TableDdl = {
  /** The table with its sequences and defaults, before it has rows. */
  readonly table: readonly CopyStatement[];
  /** Constraints, indexes, triggers, policies and what else belongs to it, once it has rows. */
  readonly rules: readonly CopyStatement[];
  readonly references: readonly Reference[];
};

export function readTableDdl(
  session: Session,
  { oid, schema }: { readonly oid: string; readonly schema: string },
  timeoutMs: number,
): Promise<TableDdl> {
  const read = ddlReader(session, { oid, timeoutMs });
  return withSearchPath(session, schema, async () => {
    const [named] = await read(tablesDdl);
    const before = named === undefined ? 0 : `constraint ${named.object.slice('table '.length)}.`.length;
    return {
      table: await read(sequencesDdl, tablesDdl, tableTiesDdl),
      rules: await read(constraintsDdl, indexesDdl, reactionsDdl),
      references: (await read(referencesDdl)).map(({ object, ddl }) => ({
        name: object.slice(before),
        ddl,
        isValid: !/ not valid$/i.test(ddl),
      })),
    };
  });
}
