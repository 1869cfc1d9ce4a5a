import type { ReleaseEvent } from '../../../src/core/release/events';
import { isRepeat } from '../../../src/core/release/repeats';
import { applyEvent, type ReleaseState } from '../../../src/core/release/state';
import { after, broken, exposed, failed, holding, startMs } from './sample';

const stuck = (effect: string, reason = 'disk full'): ReleaseEvent => ({ type: 'compensation-stuck', effect, reason });
const minuteMs = 60_000;

/** Stuck so often, a minute apart. */
function stuckTimes(effect: string, times: number): { readonly state: ReleaseState; readonly atMs: number } {
  let state = after([...exposed, failed]);
  let atMs = startMs + minuteMs;
  for (let time = 0; time < times; time += 1) {
    atMs += minuteMs;
    state = applyEvent(state, { atMs, event: stuck(effect) });
  }
  return { state, atMs };
}

describe('a try of something stuck', () => {
  it.each<[string, number, ReleaseEvent, number, boolean]>([
    ['is told the third time too', 2, stuck('deploy/shop'), minuteMs, false],
    ['is counted from the fourth time on', 3, stuck('deploy/shop'), minuteMs, true],
    ['is told when it fails in another way', 3, stuck('deploy/shop', 'no route'), minuteMs, false],
    ['is told once an hour', 3, stuck('deploy/shop'), 61 * minuteMs, false],
    ['begins unseen', 3, { type: 'compensation-started', effect: 'deploy/shop' }, minuteMs, true],
    ['is told when it succeeds', 9, { type: 'compensation-verified', effect: 'deploy/shop', detail: 'd' }, 1, false],
    ['hides nothing of the others', 9, stuck('expose/shop'), minuteMs, false],
  ])('%s', (_fact, times, event, laterMs, expected) => {
    const { state, atMs } = stuckTimes('deploy/shop', times);
    expect(isRepeat(state, event, atMs + laterMs)).toBe(expected);
  });
});

describe('a round of a proof that does not hold', () => {
  it.each<[string, ReleaseEvent, boolean]>([
    ['hides its undos', { type: 'compensation-verified', effect: 'deploy/shop', detail: 'd' }, true],
    ['hides a proof that fails again', { type: 'proof-taken', proof: broken }, true],
    ['shows the proof that holds', { type: 'proof-taken', proof: holding }, false],
    ['shows that the proof is verified', { type: 'compensation-verified', effect: 'proof', detail: 'd' }, false],
  ])('%s', (_fact, event, expected) => {
    const { state, atMs } = stuckTimes('proof', 4);
    expect(isRepeat(state, event, atMs + minuteMs)).toBe(expected);
  });
});

it('counts every try', () => {
  const { state } = stuckTimes('deploy/shop', 500);
  expect(state.compensations['deploy/shop']).toMatchObject({ status: 'stuck', stuckCount: 500 });
});
