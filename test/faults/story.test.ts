import { matrixOf } from './cases';
import type { HistoryEvent, Story } from './checker/facts';
import { storyAfter } from './story';

const frozen = matrixOf(7).find(({ part, isFrozen }) => part === 'temporal' && isFrozen === true);
if (frozen === undefined) throw new Error('no part is frozen');
const promoted = { expected: 'Promoted', isContracted: false } as Story;
/** As Temporal tells of a release that went back with these words. */
const historyOf = (message: string): readonly HistoryEvent[] => {
  const of = { workflowId: 'release/lane/shop', runId: 'run-1' };
  return [
    { ...of, type: 'ACTIVITY_TASK_SCHEDULED', id: 9, atMs: 900, activity: 'closeTraffic' },
    { ...of, type: 'WORKFLOW_EXECUTION_FAILED', id: 10, atMs: 990, failure: { type: 'RolledBack', message } },
  ];
};

it.each([
  ['the watch', 'Rolled back: the lease of shop-traffic is lost: it ran out'],
  ['a step', 'Rolled back: expose-full: The lease of shop-traffic is lost: it ran out'],
])('lets a release go back whose lease ran out while something stood still, when %s says so', (_, message) => {
  const other = { expected: 'RolledBack', cause: 'LeaseExpired', turnedAtMs: 900 };
  expect(storyAfter(promoted, frozen, historyOf(message), 30_000)).toMatchObject(other);
  expect(storyAfter(promoted, frozen, historyOf(message), 5_000)).toBe(promoted);
});

it('lets no release go back for another reason', () => {
  expect(storyAfter(promoted, frozen, historyOf('Rolled back: http-errors'), 30_000)).toBe(promoted);
});
