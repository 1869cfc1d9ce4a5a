import { backfillCheckSql, backfillKey, backfillSql, lossesSql } from './backfill';
import type { Change } from './change';
import { contractSql } from './contract';
import { backOf, newFollows, refIn } from './forms';
import { indexSqls } from './indexes';
import { contractCheckSql, expandCheckSql, expandSql, expandUndoSql } from './expand';
import { inComment, quoteTable } from './names';

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
    ...indexSqls(change).map((sql, at) => file(`index-${at + 1}`, sql)),
    file('contract', contractSql(change)),
    file('contract.check', contractCheckSql(change)),
  ];
}

const plainYaml = /^[A-Za-z_][\w./-]*$/;
const yamlText = (text: string): string => (plainYaml.test(text) ? text : JSON.stringify(text));
const plainSql = /^[a-z_][a-z0-9_]*$/;

/** What a descriptor takes as the name of a table or column in `reconcile`. */
const bareName = /^[^\s".;()]+$/;

/** The old value beside what the new form makes of it: the same where either form gives the other. */
function reconcileEntry(change: Change): string {
  const { id, table, key, old } = change;
  if (key === undefined || ![table.schema, table.name, key].every((name) => bareName.test(name))) return '';
  const column = refIn('')(old.name);
  const fresh = `case when ${newFollows(change, '')} then ${column} else ${backOf(change, '')} end`;
  return `    reconcile:
      - id: ${id}
        table: ${yamlText(`${table.schema}.${table.name}`)}
        key: ${yamlText(key)}
        old: ${yamlText(column)}
        new: ${JSON.stringify(fresh)}
`;
}

/** The migration as a descriptor names it, to be pasted below `migrations:`. */
export function migrationEntry(change: Change, prefix: string): string {
  const file = (part: string): string => yamlText(`${prefix}.${part}.sql`);
  const { schema, name } = change.table;
  const table = plainSql.test(schema) && plainSql.test(name) ? `${schema}.${name}` : quoteTable(change.table);
  const by = backfillKey(change);
  const key =
    by === undefined ? '' : `      key: { table: ${yamlText(table)}, column: ${yamlText(by)}, rows: 10000 }\n`;
  const built = indexSqls(change).map((_, at) => file(`index-${at + 1}`));
  const indexes = built.length === 0 ? '' : `    indexes: [${built.join(', ')}]\n`;
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
${indexes}    contract:
      sql: ${file('contract')}
      undo: { skip: ${yamlText(`the new form holds what ${old} held`)} }
      check: ${file('contract.check')}
${reconcileEntry(change)}`;
}
