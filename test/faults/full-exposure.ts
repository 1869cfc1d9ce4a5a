import type { ReleaseState } from '../../src/core/release/state';
import { insist } from './insist';
import type { Lane } from './lane';

/** So many rows of users at full exposure are enough to see whether an undo keeps them. */
const fewRows = 20;

/** The shift to full exposure is done, not only begun. */
function isFullyExposed({ stage, stages, journal }: ReleaseState): boolean {
  const sinceMs = stages.find(({ id }) => id === 'expose-full')?.startedAtMs ?? Infinity;
  const isSince = (atMs = 0): boolean => atMs >= sinceMs;
  return (
    stage === 'expose-full' && journal.some(({ effect, doneAtMs }) => /^expose\//.test(effect) && isSince(doneAtMs))
  );
}

/** Waits until everybody is on the canary and has added rows there. */
export async function untilAllHaveWritten(
  state: () => Promise<ReleaseState>,
  lane: Lane,
  patienceMs: number,
): Promise<void> {
  await insist('everybody is on it', patienceMs, async () => (isFullyExposed(await state()) ? true : undefined));
  const before = lane.rows.written().length;
  const hasWritten = (): true | undefined => (lane.rows.written().length > before + fewRows ? true : undefined);
  await insist('it has written', patienceMs, () => Promise.resolve(hasWritten()));
}
