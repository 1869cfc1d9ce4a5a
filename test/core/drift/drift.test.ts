import { answerTo, isSetting, pauseAfterDrift, sentenceOfDrift } from '../../../src/core/drift/drift';
import { explain } from '../../../src/core/release/explain';
import { isEndless } from '../../../src/core/release/repeats';
import type { ReleaseEvent } from '../../../src/core/release/events';
import { applyEvent, newRelease, type ReleaseState } from '../../../src/core/release/state';

const effect = 'flag/switches/two-names';
const foundAgain: ReleaseEvent = { type: 'drift-found', effect, observed: 'false', answer: 'repair' };
const play = (events: readonly ReleaseEvent[]): ReleaseState =>
  events.reduce((state, event, index) => applyEvent(state, { atMs: 1_000 + index, event }), newRelease('cem', 1_000));

test('only what is set once and must stay is watched', () => {
  const kinds = ['flag', 'configure', 'deploy', 'expose', 'migrate'] as const;
  expect(kinds.filter((kind) => isSetting({ kind } as never))).toEqual(['flag', 'configure']);
});

test.each([
  [{ kind: 'flag', killSwitch: false }, 'repair'],
  [{ kind: 'flag', killSwitch: true }, 'tell'],
  [{ kind: 'configure' }, 'tell'],
] as const)('%j is answered by %s', (setting, answer) => {
  expect(answerTo(setting as never, { flags: 'repair', configuration: 'tell' })).toBe(answer);
});

test('the first three are set back at once, later ones ever more seldom, but at least every five minutes', () => {
  expect([1, 2, 3, 4, 5, 20, 2_000].map(pauseAfterDrift)).toEqual([0, 0, 5_000, 10_000, 20_000, 300_000, 300_000]);
});

test.each([
  [{ answer: 'repair', count: 1 }, /found false; it is set again as the release set it\.$/],
  [{ answer: 'repair', count: 1, fault: 'read only' }, /it could not be set again: read only\.$/],
  [{ answer: 'tell', count: 1 }, /it is left to its owners/],
  [{ answer: 'repair', count: 5 }, /This is the 5th time: something else writes it too, so the next repair waits 20s/],
] as const)('says what was found and what happens: %j', (found, sentence) => {
  expect(sentenceOfDrift({ effect, observed: 'false', ...found })).toMatch(sentence);
});

test('counts how often it was found, tells it until it is answered, and tells a fault', () => {
  const open = play([foundAgain, { type: 'drift-answered', effect }, foundAgain]);
  expect(open.drifts?.[effect]).toEqual({ effect, observed: 'false', answer: 'repair', count: 2, sinceMs: 1_002 });
  expect(explain(open).sentence).toMatch(/Somebody else changed what flag\/switches\/two-names set/);
  const failed = play([foundAgain, { type: 'drift-answered', effect, fault: 'read only' }]);
  expect(explain(failed).sentence).toMatch(/could not be set again: read only/);
  const over = play([foundAgain, { type: 'drift-answered', effect }]);
  expect(over.drifts?.[effect]?.endedAtMs).toBe(1_001);
  expect(explain(over).sentence).not.toMatch(/Somebody else/);
});

test('an answer to a drift that nobody found changes nothing', () => {
  expect(play([{ type: 'drift-answered', effect }]).drifts).toBeUndefined();
});

test('a second writer fills no store that is away', () => {
  expect(isEndless(foundAgain)).toBe(true);
});
