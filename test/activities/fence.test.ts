import { whyUnwanted } from '../../src/activities/fence';
import type { RunFacts } from '../../src/ports/runs';

const run: RunFacts = {
  runId: 'second',
  firstRunId: 'first',
  isRunning: true,
  phase: 'Releasing',
  pending: [{ activityId: '7', attempt: 2, isCancelRequested: false }],
};
const attempt = { activityId: '7', attempt: 2 };

test.each<[string, RunFacts | undefined, typeof attempt, RegExp | undefined]>([
  ['is wanted while its release waits for it', run, attempt, undefined],
  ['comes too late for a run that nobody knows', undefined, attempt, /has ended/],
  ['comes too late for a run that ended or went on as a new one', { ...run, isRunning: false }, attempt, /has ended/],
  ['does not belong to a release that came later', { ...run, firstRunId: 'other' }, attempt, /another release/],
  ['comes too late for a release that rolls back', { ...run, phase: 'RollingBack' }, attempt, /RollingBack/],
  ['is not wanted before the first stage', { ...run, phase: undefined } as never, attempt, /not releasing/],
  ['comes too late when it timed out and nothing took its place', { ...run, pending: [] }, attempt, /nobody waits/],
  ['comes too late when another attempt took its place', run, { ...attempt, attempt: 1 }, /attempt 2/],
])('an attempt %s', (_fact, found, tried, why) => {
  const said = whyUnwanted(found, 'first', tried);
  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(why);
});
