import type { CreateTrigStmt } from 'libpg-query';
import { parseSql } from '../../sql/parse';
import type { Changed, Place } from './retired';

/** What filled the old form of a new row before the contract file took it away. */
export type SyncTriggers = {
  readonly functions: readonly { readonly signature: string; readonly make: string }[];
  /** Makes the triggers on another table instead. */
  readonly on: (table: string) => readonly string[];
};

const before = 2;
const insert = 4;

const isSync = ({ relation, row, timing = 0, events = 0 }: CreateTrigStmt, { schema, table }: Place): boolean =>
  relation?.schemaname === schema &&
  relation.relname === table &&
  row === true &&
  (timing & before) !== 0 &&
  (events & insert) !== 0;

const tableName = /^(?:"(?:[^"]|"")+"|[^\s".]+)\.(?:"(?:[^"]|"")+"|[^\s".]+)/;

/** The triggers before an insert of a row that the file took from a table, with the functions that went with them; none where there were none. */
export async function readSyncTriggers({ before: was }: Changed, place: Place): Promise<SyncTriggers | undefined> {
  const makers: ((table: string) => string)[] = [];
  for (const { key, make } of was) {
    if (!key.startsWith('trigger ')) continue;
    const parsed = await parseSql({ path: key, sql: make });
    const [statement] = parsed.ok ? parsed.value : [];
    if (statement === undefined || !('CreateTrigStmt' in statement.node)) continue;
    const { CreateTrigStmt: trigger } = statement.node;
    const at = trigger.relation?.location;
    if (at === undefined || !isSync(trigger, place)) continue;
    const [head, tail] = [
      make.slice(0, statement.offsetOf(at)),
      statement.text.slice(statement.offsetOf(at) - statement.offset),
    ];
    makers.push((table) => head.slice(statement.offset) + tail.replace(tableName, () => table));
  }
  if (makers.length === 0) return undefined;
  return {
    functions: was.flatMap(({ key, make }) =>
      key.startsWith('function ') ? [{ signature: key.slice('function '.length), make }] : [],
    ),
    on: (table) => makers.map((maker) => maker(table)),
  };
}
