import { explain } from '../../../src/core/release/explain';
import { reportOf } from '../../../src/core/release/report';
import { after, at, ready, startMs } from './sample';

const away = (why: string, sinceMs = startMs) => ({ type: 'store-away', sinceMs, why }) as const;
const gap = { fromMs: startMs, toMs: startMs + 7_200_000, facts: 12, why: 'no connection', leftOut: { paused: 3 } };
const running = [...ready, at('expose-5')];

it('says that evidence waits, since when and why, beside what the release does', () => {
  const { sentence } = explain(after([...running, away('publishing on store: no connection')]));
  expect(sentence).toBe(
    `${explain(after(running)).sentence} Evidence and messages wait since 2026-01-01 00:00:00 UTC: publishing on store: no connection.`,
  );
});

it('keeps the first reason while the store is away', () => {
  const { storeAway } = after([...running, away('first'), away('second', startMs + 1)]);
  expect(storeAway).toEqual({ sinceMs: startMs, why: 'first' });
});

it('reports the gap once the store has it all, and waits no more', () => {
  const state = after([...running, away('no connection'), { type: 'evidence-late', gap }]);
  expect(state.storeAway).toBeUndefined();
  expect(reportOf(state).gaps).toEqual([gap]);
});

it('notes a gap after the ending too, and changes nothing else then', () => {
  const ended = after([...running, { type: 'ended', ending: 'Aborted' }]);
  const later = after([away('no connection'), { type: 'evidence-late', gap }], ended);
  expect(later).toEqual({ ...ended, gaps: [gap] });
});
