import { escapeIdentifier } from 'pg';
import { answerMarginMs, limitTransaction, type TransactionLimits } from '../migrations/sql-file';
import { writtenSince } from '../migrations/written-since';
import type { Session } from '../postgres/session';
import { qualified } from './removed';
import type { Hidden } from './retired';
import type { SyncTriggers } from './sync-triggers';

const standIn = 'pg_temp.spillway_stand_in';
const rowsAtOnce = 10_000;
/** What is left for the transaction that gives the name back, under its lock. */
const fewRows = 1_000;
const mostRounds = 5;

export type ColumnToFill = {
  readonly hidden: Hidden;
  readonly triggers: SyncTriggers;
  /** What the column is called now. */
  readonly column: string;
};

/** Up to where rows are known to be right, and whose writes count as right beside that. */
export type Filled = { readonly seen: string; readonly own: readonly string[]; readonly rows: number };

type FillFrom = { readonly from: Filled; readonly limits: TransactionLimits };

/** The server ends a statement first, so that its answer is heard. */
const timeoutOf = ({ statementTimeoutMs }: TransactionLimits): number => statementTimeoutMs + answerMarginMs;

/**
 * Collects rows that were written since, lets the triggers of the migration fill a copy of each as they would fill a new row, and
 * keeps those whose old form is not what the triggers make of it. A trigger that leaves a row alone so keeps it as it is.
 */
async function collect(
  session: Session,
  { hidden: { of, at }, triggers, column }: ColumnToFill,
  { seen, own }: Filled,
  limits: TransactionLimits,
): Promise<void> {
  const timeoutMs = timeoutOf(limits);
  const [now, then] = [escapeIdentifier(column), escapeIdentifier(of.column ?? column)];
  const from = qualified(at.schema, at.table);
  await session.query(`drop table if exists ${standIn}; create temp table spillway_stand_in (like ${from})`);
  if (now !== then) await session.query(`alter table ${standIn} rename column ${now} to ${then}`);
  const { rows } = await session.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    { values: [standIn] },
  );
  await session.query(
    `alter table ${standIn} alter column ${then} drop not null, add spillway_was text, add spillway_table oid,
       add spillway_at tid, add spillway_writer xid, add spillway_number bigint generated always as identity`,
  );
  const made: string[] = [];
  for (const { signature, make } of triggers.functions) {
    const known = await session.query<{ is_there: boolean }>('select to_regprocedure($1) is not null as is_there', {
      values: [signature],
    });
    if (known.rows[0]?.is_there === true) continue;
    await session.query(make);
    made.push(signature);
  }
  for (const make of triggers.on(standIn)) await session.query(make);
  const names = rows.map(({ name }) => escapeIdentifier(name));
  const values = names.map((name) => (name === then ? now : name));
  await session.query(
    `insert into ${standIn} (${names.join(', ')}, spillway_was, spillway_table, spillway_at, spillway_writer)
     select ${values.join(', ')}, ${now}::text, tableoid, ctid, xmin from ${from} where ${writtenSince('xmin', '$1', '$2')}`,
    { values: [seen, own], timeoutMs },
  );
  await session.query(`delete from ${standIn} where ${then}::text is not distinct from spillway_was`, {
    values: [],
    timeoutMs,
  });
  const triggered = await session.query<{ name: string }>(
    `select tgname as name from pg_trigger where tgrelid = $1::regclass and not tgisinternal`,
    { values: [standIn] },
  );
  for (const { name } of triggered.rows) await session.query(`drop trigger ${escapeIdentifier(name)} on ${standIn}`);
  for (const signature of made) await session.query(`drop function ${signature}`);
}

/** Writes one range of what was collected; a row that somebody has changed meanwhile is left for the next look. */
async function write(
  session: Session,
  { hidden: { of, at }, column }: ColumnToFill,
  above: number,
  limits: TransactionLimits,
): Promise<number> {
  const [now, then] = [escapeIdentifier(column), escapeIdentifier(of.column ?? column)];
  // As in a backfill: triggers of the user's own may leave these rows alone.
  await session.query(`select set_config('spillway.backfill', 'on', true)`);
  const { rowCount } = await session.query(
    `update ${qualified(at.schema, at.table)} t set ${now} = s.${then} from ${standIn} s
      where s.spillway_number > $1 and s.spillway_number <= $2
        and t.tableoid = s.spillway_table and t.ctid = s.spillway_at and t.xmin = s.spillway_writer`,
    { values: [above, above + rowsAtOnce], timeoutMs: timeoutOf(limits) },
  );
  return rowCount ?? 0;
}

async function readMark(session: Session): Promise<{ readonly seen: string; readonly own: string }> {
  const { rows } = await session.query<{ seen: string; own: string }>(
    `select pg_current_snapshot()::text as seen, (pg_current_xact_id()::text::bigint % 4294967296)::text as own`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('pg_current_snapshot() gave no row');
  return row;
}

/** Fills what was written since `from`; `turn` runs each piece, in a transaction of its own or in the one that is open. */
async function fill(
  session: Session,
  target: ColumnToFill,
  { from, limits, turn }: FillFrom & { readonly turn: <T>(work: () => Promise<T>) => Promise<T> },
): Promise<Filled> {
  const { seen, last } = await turn(async () => {
    const mark = await readMark(session);
    await collect(session, target, from, limits);
    const { rows } = await session.query<{ last: string }>(
      `select coalesce(max(spillway_number), 0) as last from ${standIn}`,
    );
    return { seen: mark.seen, last: Number(rows[0]?.last ?? 0) };
  });
  const own = [...from.own];
  let filled = 0;
  for (let above = 0; above < last; above += rowsAtOnce) {
    const piece = await turn(async () => ({
      own: (await readMark(session)).own,
      rows: await write(session, target, above, limits),
    }));
    own.push(piece.own);
    filled += piece.rows;
  }
  return { seen, own, rows: from.rows + filled };
}

/** Beside users who write, round after round, until little is left for the moment when they have to wait. */
export async function fillBeforehand(
  session: Session,
  target: ColumnToFill,
  { from, limits }: FillFrom,
): Promise<Filled> {
  const turn = <T>(work: () => Promise<T>): Promise<T> =>
    session.transaction(async () => {
      await limitTransaction(session, limits);
      return work();
    });
  let filled = from;
  for (let round = 0; round < mostRounds; round += 1) {
    const before = filled.rows;
    filled = await fill(session, target, { from: filled, limits, turn });
    if (filled.rows - before <= fewRows) break;
  }
  return filled;
}

/** The rest, in the running transaction that holds the table and has these limits. */
export const fillRest = (session: Session, target: ColumnToFill, { from, limits }: FillFrom): Promise<Filled> =>
  fill(session, target, { from, limits, turn: (work) => work() });
