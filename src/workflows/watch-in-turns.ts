import { sleep } from '@temporalio/workflow';
import type { DriftSeen } from '../core/drift/drift';

type Watched = {
  readonly keys: readonly string[];
  /** What reads differently than it is known to; null when `forMs` is over, `superseded` when nobody needs it any more. */
  readonly look: (keys: readonly string[], forMs: number | undefined) => Promise<DriftSeen | 'superseded' | null>;
  /** Answers what was seen; for how long that rests then, in milliseconds. */
  readonly meet: (seen: DriftSeen) => Promise<number>;
  /** What was seen before and is not answered yet. */
  readonly first?: readonly DriftSeen[];
};

/** Watches several things: what something else writes too rests for a while, and the others are watched meanwhile. */
export async function watchInTurns({ keys, look, meet, first = [] }: Watched): Promise<'superseded'> {
  const restsUntilMs = new Map<string, number>();
  const answer = async (seen: DriftSeen): Promise<void> => {
    const pauseMs = await meet(seen);
    restsUntilMs.set(seen.effect, Date.now() + pauseMs);
  };
  for (const seen of first) await answer(seen);
  for (;;) {
    const leftMs = (key: string): number => (restsUntilMs.get(key) ?? 0) - Date.now();
    const watched = keys.filter((key) => leftMs(key) <= 0);
    const rests = keys.filter((key) => leftMs(key) > 0).map(leftMs);
    const forMs = rests.length === 0 ? undefined : Math.min(...rests);
    if (watched.length === 0) {
      await sleep(forMs ?? 0, { summary: 'something else writes it too' });
      continue;
    }
    const seen = await look(watched, forMs);
    if (seen === 'superseded') return seen;
    if (seen !== null) await answer(seen);
  }
}
