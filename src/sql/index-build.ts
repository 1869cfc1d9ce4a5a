import { nameText } from './names';
import type { SqlStatement } from './parse';

/**
 * The index that `create [unique] index concurrently NAME on TABLE …` builds, as SQL would take its name; undefined
 * for anything else. An index lives in the schema of its table, and its name is never qualified where it is created.
 */
export function builtIndex({ node }: SqlStatement): string | undefined {
  if (!('IndexStmt' in node)) return undefined;
  const { concurrent, idxname: name, if_not_exists: isMaybeThere, relation } = node.IndexStmt;
  if (concurrent !== true || name === undefined || isMaybeThere === true) return undefined;
  return nameText(relation?.schemaname === undefined ? { name } : { schema: relation.schemaname, name });
}
