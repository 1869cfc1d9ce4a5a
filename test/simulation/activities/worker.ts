import type { Attempt, Worker } from '../server/activity';
import { playAttempt, type Workplace } from './attempt';
import type { Started } from './fate';

/** Runs the attempts that the server gives out; the whole process may die or stand still. */
export function createActivityWorker(workplace: Workplace, startWatch: (attempt: Attempt) => Started) {
  const running = new Map<Attempt, Started>();

  const worker: Worker = {
    start(attempt) {
      workplace.note('attempt', `${attempt.task.type} ${attempt.task.seq}.${attempt.number}`);
      if (attempt.task.type === 'observe') running.set(attempt, startWatch(attempt));
      else {
        const begun = playAttempt(workplace, attempt, () => void running.delete(attempt));
        if (attempt.isWanted()) running.set(attempt, begun);
      }
    },
    cancel: (attempt) => running.get(attempt)?.cancel(),
  };
  return {
    worker,
    killAll(): void {
      for (const started of [...running.values()]) started.die();
    },
    freezeAll(ms: number): void {
      for (const started of running.values()) started.freeze(ms);
    },
  };
}
