import { beforeLoss } from '../../../src/core/release/before-loss';
import { applyEvent, newRelease, type ReleaseState } from '../../../src/core/release/state';

const lost = (state: ReleaseState, atMs: number, isByHand = true): ReleaseState =>
  applyEvent(state, { atMs, event: { type: 'split-lost', observed: 'green 25 %', isByHand } });
const restored = (state: ReleaseState, atMs: number): ReleaseState =>
  applyEvent(state, { atMs, event: { type: 'split-restored', detail: 'as before' } });
const start = newRelease('dee', 0);

it('counts what another hand wrote once, however many runs find it', () => {
  const goesOn = lost(beforeLoss(lost(start, 1_000)), 2_000);
  expect(goesOn.otherWriter).toMatchObject({ count: 1 });
  const later = lost(beforeLoss(lost(restored(goesOn, 3_000), 9_000)), 10_000);
  expect(later.otherWriter).toMatchObject({ count: 2 });
});

it('knows of nobody where the only finding is not settled', () => {
  expect(beforeLoss(lost(start, 1_000))).toEqual(start);
});

it('keeps the count of what is settled, and of what a proxy lost by itself', () => {
  const settled = restored(lost(start, 1_000), 2_000);
  expect(beforeLoss(settled)).toEqual(settled);
  expect(beforeLoss(lost(settled, 9_000, false))).toEqual(settled);
});
