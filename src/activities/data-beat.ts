import { Context } from '@temporalio/activity';
import { describeProgress, type DataProgress } from '../core/backfill/progress';
import type { BaselineBefore } from '../core/release/baseline-guard';
import { noteMove } from './last-move';

/** What a heartbeat of work on data carries; `said` is for whoever looks at it in the Temporal UI. */
export type DataHeartbeat = {
  readonly said: string;
  readonly progress: DataProgress;
  /** When it last got further, epoch milliseconds. */
  readonly movedAtMs: number;
  readonly before?: BaselineBefore;
};

const beatMs = 400;

const isDataHeartbeat = (details: unknown): details is DataHeartbeat =>
  typeof details === 'object' && details !== null && 'said' in details && 'movedAtMs' in details;

/** What the attempt before this one said last. */
export function lastBeat(): DataHeartbeat | undefined {
  const details: unknown = Context.current().info.heartbeatDetails;
  return isDataHeartbeat(details) ? details : undefined;
}

/** Beats while `work` runs, with what it tells last: a batch or a build may be longer than a heartbeat may be late. */
export async function withDataBeat<T>(
  now: () => number,
  work: (tell: (progress: DataProgress) => void, signal: AbortSignal) => Promise<T>,
  before: () => BaselineBefore | undefined = () => undefined,
): Promise<T> {
  const context = Context.current();
  const last = lastBeat();
  let progress: DataProgress = last?.progress ?? { unit: 'rows', done: 0 };
  let movedAtMs = last?.movedAtMs ?? context.info.scheduledTimestampMs;
  noteMove(context, movedAtMs);
  const beat = (): void => {
    const known = before();
    const details: DataHeartbeat = {
      said: describeProgress(progress),
      progress,
      movedAtMs,
      ...(known === undefined ? {} : { before: known }),
    };
    context.heartbeat(details);
  };
  beat();
  const timer = setInterval(beat, beatMs);
  try {
    return await work((told) => {
      progress = told;
      movedAtMs = now();
      noteMove(context, movedAtMs);
    }, context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
