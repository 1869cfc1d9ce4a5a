import type { Session } from '../../postgres/session';
import { constraintsDdl, indexesDdl, reactionsDdl, referencesDdl } from './belongings-ddl';
import { ddlReader, type CopyStatement } from './ddl';
import { routinesDdl, viewsDdl } from './routines-ddl';
import { sequencesDdl, tablesDdl, tableTiesDdl } from './tables-ddl';
import { groundDdl, typesDdl } from './types-ddl';

/** What makes a copy of a schema: `tables` first, then rows if any, then `rules` that rows must keep. */
export type SchemaDdl = { readonly tables: readonly CopyStatement[]; readonly rules: readonly CopyStatement[] };

/**
 * The statements that make every schema of the session's database anew, from its catalogues alone. The caller's transaction
 * has no schema on its search path, so that every name is written out.
 */
export async function readSchemaDdl(session: Session, timeoutMs: number): Promise<SchemaDdl> {
  const read = ddlReader(session, { oid: null, timeoutMs });
  return {
    tables: await read(groundDdl, typesDdl, sequencesDdl, tablesDdl, routinesDdl, tableTiesDdl, constraintsDdl),
    rules: await read(viewsDdl, indexesDdl, referencesDdl, reactionsDdl),
  };
}
