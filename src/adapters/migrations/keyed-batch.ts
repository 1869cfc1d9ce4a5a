import { narrow, nextRows, rowsAfterTimeout, suspectsToTry, type Suspects } from '../../core/backfill/batch-rows';
import type { KeyRule, ThrottleRule } from '../../core/backfill/rule';
import { sqlStateOf, toPortError } from '../postgres/errors';
import type { Session } from '../postgres/session';
import { beginBatch, type BackfillContext, type Batch, type BatchWork } from './batch';
import { decodeCursor, encodeCursor } from './cursor';
import { findStretch, readKeyColumn } from './key-column';
import { decideApply, nameEffect } from './ledger';
import { noteApplied, readOwnEntry } from './ledger-table';
import { withLockPatience } from './lock-patience';
import { prepareBatch } from './prepared-batch';

/** What a row itself can be to blame for: its values, its constraints, what a trigger or a subquery makes of it. */
const rowFault = /^(21|22|23|P0)/;
const ranOutOfTime = '57014';

type KeyedBatch = Batch & { readonly tookMs: number };

/** Goes along the key of a table, batch after batch; the last key that is done is noted with the batch itself. */
export async function followKey(
  session: Session,
  context: BackfillContext,
  rule: { readonly key: KeyRule; readonly throttle: ThrottleRule },
): Promise<BatchWork> {
  const { effect, release, target } = context;
  const what = nameEffect(effect, 'backfill');
  const key = await readKeyColumn(session, rule.key, `${what} on ${target}`);
  const batch = await prepareBatch(session, context, key.type);
  let rows = rule.key.rows;
  /** Only while a row that fails is looked for. */
  let suspects: Suspects | undefined;
  let tried = '';

  const runBatch = (most: number): Promise<KeyedBatch> =>
    session.transaction(async () => {
      await beginBatch(session, context);
      const entry = await readOwnEntry(session, effect);
      const decision = decideApply(entry, effect, release);
      const isNew = decision === 'apply' || entry === undefined;
      const before = isNew ? { batches: 0, rows: 0 } : { batches: entry.batches, rows: entry.rows };
      if (decision === 'skip') return { progress: before, passed: entry?.passed ?? 0, isDone: true, tookMs: 0 };
      const lower = isNew ? undefined : decodeCursor(entry.cursor, key);
      const passed = isNew || lower === undefined ? 0 : (entry.passed ?? 0);
      const stretch = await findStretch(session, key, { lower: lower ?? key.start, rows: most });
      if (stretch === undefined) {
        const cursor = lower === undefined ? undefined : encodeCursor(lower, key);
        await noteApplied(session, effect, { release, progress: before, isDone: true, cursor, passed });
        return { progress: before, passed, isDone: true, tookMs: 0 };
      }
      tried = stretch.upper;
      const startedMs = performance.now();
      const changed = await batch.run(lower ?? key.start, stretch.upper);
      const tookMs = performance.now() - startedMs;
      const done = {
        progress: { batches: before.batches + 1, rows: before.rows + changed },
        passed: passed + stretch.keys,
        isDone: false,
      };
      await noteApplied(session, effect, { ...done, release, cursor: encodeCursor(stretch.upper, key) });
      return { ...done, tookMs };
    });

  /** Halves what is tried after a fault; throws what cannot be helped by that. */
  const giveWay = (error: unknown, most: number): void => {
    const sqlState = sqlStateOf(error);
    const smaller = sqlState === ranOutOfTime ? rowsAfterTimeout(most) : undefined;
    if (smaller !== undefined) {
      rows = smaller;
      suspects = undefined;
    } else if (sqlState !== undefined && rowFault.test(sqlState)) {
      if (most === 1) throw toPortError(error, { what, target, source: batch.source, row: `${key.column} = ${tried}` });
      suspects = narrow(suspects ?? { rows: most }, most, true);
    } else throw toPortError(error, { what, target, source: batch.source });
  };

  return {
    estimatedRows: key.estimatedRows,
    async next() {
      for (;;) {
        const most = suspects === undefined ? rows : suspectsToTry(suspects);
        try {
          const done = await withLockPatience(session, () => runBatch(most), { ...context, what });
          if (suspects !== undefined) suspects = narrow(suspects, most, false);
          else if (!done.isDone) rows = nextRows(most, done.tookMs, rule);
          return done;
        } catch (error) {
          giveWay(error, most);
        }
      }
    },
  };
}
