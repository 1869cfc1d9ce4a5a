import { backfillCheckSql, backfillKey, backfillSql, lossesSql, reconcileSql } from './backfill';
import type { Change } from './change';
import { contractSql } from './contract';
import { contractCheckSql, expandCheckSql, expandSql, expandUndoSql } from './expand';
import { inComment, quoteName, quoteTable } from './names';

export type WrittenFile = { readonly path: string; readonly text: string };

/** All files of a migration, with paths below the descriptor: `db/split-name.expand.sql`. */
export function migrationFiles(change: Change, prefix: string): readonly WrittenFile[] {
  const file = (part: string, text: string): WrittenFile => ({ path: `${prefix}.${part}.sql`, text });
  return [
    file('expand', expandSql(change)),
    file('expand.undo', expandUndoSql(change)),
    file('expand.check', expandCheckSql(change)),
    file('losses', lossesSql(change)),
    file('backfill', backfillSql(change)),
    file('backfill.check', backfillCheckSql(change)),
    file('reconcile', reconcileSql(change)),
    file('contract', contractSql(change)),
    file('contract.check', contractCheckSql(change)),
  ];
}

const plainYaml = /^[A-Za-z_][\w./-]*$/;
const yamlText = (text: string): string => (plainYaml.test(text) ? text : JSON.stringify(text));
const plainSql = /^[a-z_][a-z0-9_]*$/;
const sqlName = (name: string): string => (plainSql.test(name) ? name : quoteName(name));

/** The migration as a descriptor names it, to be pasted below `migrations:`. */
export function migrationEntry(change: Change, prefix: string): string {
  const file = (part: string): string => yamlText(`${prefix}.${part}.sql`);
  const { schema, name } = change.table;
  const table = plainSql.test(schema) && plainSql.test(name) ? `${schema}.${name}` : quoteTable(change.table);
  const by = backfillKey(change);
  const key =
    by === undefined ? '' : `      key: { table: ${yamlText(table)}, column: ${yamlText(sqlName(by))}, rows: 10000 }\n`;
  const old = inComment(change.old.name);
  return `  - id: ${change.id}
    expand:
      sql: ${file('expand')}
      undo: ${file('expand.undo')}
      check: ${file('expand.check')}
      losses: ${file('losses')}
    backfill:
      batch: ${file('backfill')}
${key}      undo: { skip: the undo of expand takes the new columns away with their values }
      check: ${file('backfill.check')}
    contract:
      sql: ${file('contract')}
      undo: { skip: ${yamlText(`the new form holds what ${old} held`)} }
      check: ${file('contract.check')}
    reconcile: ${file('reconcile')}
`;
}
