import { rateOf, withLook, type DataProgress, type Look } from '../../core/backfill/progress';
import { PortError } from '../../ports/errors';
import type { BackfillProgress, BatchProgress } from '../../ports/migrations';
import type { Session } from '../postgres/session';
import type { BackfillContext, Batch, BatchWork } from './batch';
import { followKey } from './keyed-batch';
import { nameEffect } from './ledger';
import { repeatBatch } from './repeated-batch';
import { createRests } from './rests';

export type BackfillWatch = {
  readonly onProgress: (progress: BackfillProgress) => void;
  readonly signal: AbortSignal;
  readonly whyRest: (() => Promise<string | undefined>) | undefined;
};

/** Runs batch after batch, each in a transaction of its own with its progress, and rests where it has to. */
export async function runBackfill(
  session: Session,
  context: BackfillContext,
  { onProgress, signal, whyRest }: BackfillWatch,
): Promise<BatchProgress> {
  const what = nameEffect(context.effect, 'backfill');
  const where = `${what} on ${context.target}`;
  const work = await startWork(session, context);
  let last: Batch = { progress: { batches: 0, rows: 0 }, passed: 0, isDone: false };
  let looks: readonly Look[] = [];
  const tell = (resting?: DataProgress['resting']) => onProgress(progressOf(work, last, { looks, resting }));
  const rest = createRests(session, context.effect.backfill, where, { signal, whyRest, tell });
  for (;;) {
    if (signal.aborted) throw stopped(where, last.progress);
    await rest();
    if (signal.aborted) throw stopped(where, last.progress);
    last = await work.next();
    looks = withLook(looks, { atMs: performance.now(), done: last.passed });
    tell();
    if (last.isDone) return last.progress;
  }
}

async function startWork(session: Session, context: BackfillContext): Promise<BatchWork> {
  const { backfill } = context.effect;
  if (backfill?.key === undefined) return repeatBatch(session, context);
  return followKey(session, context, { key: backfill.key, throttle: backfill.throttle });
}

function progressOf(
  { estimatedRows }: BatchWork,
  { progress, passed }: Batch,
  { looks, resting }: { readonly looks: readonly Look[]; readonly resting: DataProgress['resting'] | undefined },
): BackfillProgress {
  const perSecond = rateOf(looks);
  return {
    ...progress,
    unit: 'rows',
    done: passed,
    ...(estimatedRows === undefined ? {} : { estimated: estimatedRows }),
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(resting === undefined ? {} : { resting }),
  };
}

/** Not an answer: a backfill that was stopped must not look finished. */
function stopped(where: string, { batches, rows }: BatchProgress): PortError {
  const done = batches === 0 ? '' : ` after ${batches} batches (${rows} rows)`;
  return new PortError('TargetUnavailable', `${where}: stopped${done}; running it again goes on from there`);
}
