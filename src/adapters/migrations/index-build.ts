import { setTimeout as delay } from 'node:timers/promises';
import type { DataProgress } from '../../core/backfill/progress';
import { PortError } from '../../ports/errors';
import { builtIndex } from '../../sql/index-build';
import { toPortError } from '../postgres/errors';
import { withSession, type Session } from '../postgres/session';
import type { BackfillContext } from './batch';
import { decideApply, decideUndo, nameEffect } from './ledger';
import { noteApplied, noteUndone, readEntry } from './ledger-table';
import { readStatements } from './sql-file';

/** A build may take hours; the activity that runs it is bounded, and stops it when it is told to. */
const longestBuildMs = 86_400_000;
const lookEveryMs = 250;

export type BuildWatch = {
  readonly onProgress: (progress: DataProgress) => void;
  readonly signal: AbortSignal;
};

const nothingDone = { batches: 0, rows: 0 };

/** Builds the index of one file; what an earlier attempt left half-built is dropped first. */
export async function buildIndex(session: Session, context: BackfillContext, watch: BuildWatch): Promise<void> {
  const { effect, release, target } = context;
  const what = nameEffect(effect, 'build');
  const where = `${what} on ${target}: ${effect.apply.path}`;
  const index = await indexOf(context, where);
  const decision = decideApply(await readEntry(session, effect), effect, release);
  if (decision === 'skip') return;
  const found = await readValidity(session, index);
  // Only of one that was begun here is it known what it should be.
  if (decision === 'apply' && found === 'valid')
    throw new PortError('Rejected', `${where}: index ${index} exists already; give this one another name`);
  await waitWithoutLimit(session);
  if (found === 'invalid') await dropIndex(session, index);
  await noteApplied(session, effect, { release, progress: nothingDone, isDone: false });
  if (found !== 'valid') await build(session, context, { ...watch, index });
  await noteApplied(session, effect, { release, progress: nothingDone, isDone: true });
}

/** Drops the index that this release built or began to build. */
export async function undoIndex(session: Session, context: BackfillContext): Promise<void> {
  const { effect, release, target, statementTimeoutMs } = context;
  const where = `${nameEffect(effect, 'undo')} on ${target}: ${effect.apply.path}`;
  const decision = decideUndo(await readEntry(session, effect), release);
  if (decision === 'skip') return;
  if (decision === 'undo') {
    await waitWithoutLimit(session);
    await session.query("select set_config('statement_timeout', $1, false)", { values: [String(statementTimeoutMs)] });
    await dropIndex(session, await indexOf(context, where));
  }
  // After the drop: an undo that dies in between is done again, and the lock keeps a late build out until then.
  await noteUndone(session, effect, release);
}

async function indexOf({ effect }: BackfillContext, where: string): Promise<string> {
  const [only, ...more] = await readStatements(effect.apply, where);
  const index = only === undefined || more.length > 0 ? undefined : builtIndex(only);
  if (index !== undefined) return index;
  throw new PortError('Rejected', `${where} must hold one \`create index concurrently NAME on TABLE …\`; correct it`);
}

async function readValidity(session: Session, index: string): Promise<'valid' | 'invalid' | 'absent'> {
  const { rows } = await session.query<{ indisvalid: boolean }>(
    'select indisvalid from pg_index where indexrelid = to_regclass($1)',
    { values: [index] },
  );
  const [row] = rows;
  return row === undefined ? 'absent' : row.indisvalid ? 'valid' : 'invalid';
}

/** A build waits for every older transaction, which holds up nobody: its lock stands in the way of no reader or writer. */
async function waitWithoutLimit(session: Session): Promise<void> {
  await session.query("select set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false)");
}

async function dropIndex(session: Session, index: string): Promise<void> {
  await session.query(`drop index concurrently if exists ${index}`, { timeoutMs: longestBuildMs });
}

async function build(
  session: Session,
  context: BackfillContext,
  { onProgress, signal, index }: BuildWatch & { readonly index: string },
): Promise<void> {
  const { dsn, effect, target } = context;
  const what = nameEffect(effect, 'build');
  const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid ?? 0;
  await withSession(dsn, 'spillway index watch', async (beside) => {
    const watching = watchBuild(beside, pid, { onProgress, signal });
    try {
      await session.runAll(effect.apply.sql, longestBuildMs);
    } catch (error) {
      // A drop waits for older transactions, and who aborts does not: the undo drops what is there then.
      if (signal.aborted)
        throw new PortError('TargetUnavailable', `${what} on ${target}: stopped; its undo drops what it left`);
      // What is half-built slows every write and helps no read; a connection that is gone leaves it to the next attempt.
      await dropIndex(session, index).catch(() => undefined);
      throw toPortError(error, { what, target, source: effect.apply });
    } finally {
      await watching.stop();
    }
  });
  if ((await readValidity(session, index)) === 'valid') return;
  throw new PortError(
    'TargetUnavailable',
    `${what} on ${target}: ${index} is not valid after its build; it is built again`,
  );
}

/** Tells how far a build is and ends it when told to, from beside: the session itself is busy with it. */
function watchBuild(beside: Session, pid: number, { onProgress, signal }: BuildWatch) {
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (signal.aborted) await beside.query('select pg_cancel_backend($1)', { values: [pid] });
      else onProgress(await readProgress(beside, pid));
      await delay(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  // To be told is a nicety: a watch that fails leaves the build alone.
  const looking = look().catch(() => undefined);
  return {
    stop: (): Promise<void> => {
      stopping.abort();
      return looking;
    },
  };
}

async function readProgress(beside: Session, pid: number): Promise<DataProgress> {
  const { rows } = await beside.query<{ phase: string; done: string; total: string; waits_for: string | null }>(
    `select p.phase, greatest(p.blocks_done, p.tuples_done) as done, greatest(p.blocks_total, p.tuples_total) as total,
            (select format('%s (pid %s)', a.application_name, a.pid) from pg_stat_activity a
              where a.pid = p.current_locker_pid) as waits_for
       from pg_stat_progress_create_index p where p.pid = $1`,
    { values: [pid] },
  );
  const [row] = rows;
  if (row === undefined) return { unit: 'blocks', done: 0, phase: 'beginning' };
  const waits = row.waits_for === null ? '' : `, behind ${row.waits_for}`;
  return { unit: 'blocks', done: Number(row.done), estimated: Number(row.total), phase: `${row.phase}${waits}` };
}
