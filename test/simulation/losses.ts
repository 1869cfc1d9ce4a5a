import type { Agenda } from './agenda';
import type { Random } from './random';

const hour = 3_600_000;

/** The release whose run is lost, and how it is brought back. */
type Lost = {
  /** Ends the run at once; false when none is open. */
  terminate(): boolean;
  isOpen(): boolean;
  recover(): void;
};

/** In some seeds somebody terminates the workflow of a release, and later somebody recovers it; also in the middle of a recovery. */
export function createLosses(agenda: Agenda, random: Random, lost: Lost) {
  const moments = random.chance(0.15)
    ? Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.spread(1, 4 * hour) - 1)
    : [];

  function recoverLater(): void {
    agenda.after(random.spread(20, 2 * hour), () => {
      if (!lost.isOpen()) lost.recover();
    });
  }

  return {
    begin(): void {
      for (const atMs of moments)
        agenda.after(atMs, () => {
          if (lost.terminate()) recoverLater();
        });
    },
    /** A recovery that was refused because a target was away is tried again. */
    recoverLater,
  };
}
