import { Context } from '@temporalio/activity';

const soonMs = 400;

/** Beats while `work` runs, so that a dead worker is noticed within seconds and a cancel is heard. */
export async function keepAlive<T>(work: (signal: AbortSignal) => Promise<T>, beatMs = soonMs): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), beatMs);
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
