import { ownMark } from '../../core/contract/own-mark';
import { quoteDotted, type ReconcileRule } from '../../core/plan/reconcile';
import type { Bucket, BucketNow, OldFormChange } from '../../core/release/reconciliation';
import { tableExists } from '../postgres/table-exists';
import type { Session } from '../postgres/session';
import { ledgerSchema } from './own-schemas';
import type { MigrationsContext } from './postgres';
import { hashOf } from './reconcile';
import { answerMarginMs, limitTransaction } from './sql-file';
import { writtenSince } from './written-since';

const buckets = 64;

type OfRelease = { readonly rule: ReconcileRule; readonly release: string };
type Row = { bucket: string; rows: string; checksum: string; written_since: string };

/** Rows by bucket of their key; `writtenSince` is SQL that is true for a row that counts as written since. */
const bucketsSql = ({ table, key, old }: ReconcileRule, writtenSince: string): string => `
  select hashtextextended(key, 1) & ${buckets - 1} as bucket, count(*) as rows,
         coalesce(sum(${hashOf('old_form')}), 0)::text as checksum,
         count(*) filter (where ${writtenSince}) as written_since
    from (select ${ownMark} ${quoteDotted(key)}::text as key, (${old}\n)::text as old_form, xmin as writer from ${quoteDotted(table)}) forms
   group by 1`;

const asBucket = ({ bucket, rows, checksum }: Row): Bucket => ({
  bucket: Number(bucket),
  rows: Number(rows),
  checksum,
});

/** Sums of the old form, kept in the database itself until the proof: no worker has to live that long. */
export async function rememberOldForm(
  session: Session,
  context: MigrationsContext,
  { rule, release }: OfRelease,
): Promise<void> {
  await session.query(`
    create table if not exists ${ledgerSchema}.old_form (
      release text not null,
      rule text not null,
      buckets jsonb not null,
      seen text not null,
      taken_at timestamptz not null default now(),
      primary key (release, rule)
    )`);
  const known = await session.query(`select 1 from ${ledgerSchema}.old_form where release = $1 and rule = $2`, {
    values: [release, rule.id],
  });
  if (known.rows.length > 0) return;
  const [found, seen] = await session.transaction(async () => {
    await limitTransaction(session, context);
    const sums = await session.query<Row>(bucketsSql(rule, 'false'), longRead(context));
    const snapshot = await session.query<{ seen: string }>('select pg_current_snapshot()::text as seen');
    return [sums.rows.map(asBucket), snapshot.rows[0]?.seen] as const;
  }, 'isolation level repeatable read read only');
  await session.query(
    `insert into ${ledgerSchema}.old_form (release, rule, buckets, seen) values ($1, $2, $3, $4) on conflict do nothing`,
    { values: [release, rule.id, JSON.stringify(found), seen] },
  );
}

/** What the undo itself wrote does not count: its number stands in the ledger, which it notes in the same transaction. */
const sinceThen = writtenSince('writer', '$1', '$2');

export async function readOldForm(
  session: Session,
  context: MigrationsContext,
  { rule, release }: OfRelease,
): Promise<OldFormChange | undefined> {
  const table = { schema: ledgerSchema, name: 'old_form' };
  if (!(await tableExists(session, table))) return undefined;
  const { rows } = await session.query<{ buckets: readonly Bucket[]; seen: string }>(
    `select buckets, seen from ${ledgerSchema}.old_form where release = $1 and rule = $2`,
    { values: [release, rule.id] },
  );
  const [before] = rows;
  if (before === undefined) return undefined;
  const undos = await session.query<{ writer: string }>(
    `select xmin::text as writer from ${ledgerSchema}.ledger where release = $1 and undone_at is not null`,
    { values: [release] },
  );
  const now = await session.transaction(async () => {
    await limitTransaction(session, context);
    const values = [before.seen, undos.rows.map(({ writer }) => writer)];
    const found = await session.query<Row>(bucketsSql(rule, sinceThen), { ...longRead(context), values });
    return found.rows.map((row): BucketNow => ({ ...asBucket(row), writtenSince: Number(row.written_since) }));
  }, 'isolation level repeatable read read only');
  return { id: rule.id, table: rule.table, before: before.buckets, now };
}

// With values, even with none, the server takes one statement only.
const longRead = ({ statementTimeoutMs }: MigrationsContext) => ({
  values: [],
  timeoutMs: statementTimeoutMs + answerMarginMs,
});
