import { whyRetried } from '../../src/client/retried';

type Found = Parameters<typeof whyRetried>[0];

const away = { message: 'Unleash is away.', applicationFailureInfo: { type: 'TargetUnavailable' } };
const pending = (name: string, attempt: number, lastFailure: object | undefined) => ({
  activityType: { name },
  attempt,
  ...(lastFailure === undefined ? {} : { lastFailure }),
});
const found = (pendingActivities: readonly object[], status = 'RUNNING') =>
  ({ status: { name: status }, raw: { pendingActivities } }) as unknown as Found;

it.each<[string, Found, string | undefined]>([
  [
    'a target is away',
    found([pending('observe', 1, undefined), pending('setFlag', 4, away)]),
    'setFlag cannot go on for now: Unleash is away.',
  ],
  ['it was away before', found([pending('setFlag', 2, away)]), 'setFlag cannot go on for now: Unleash is away.'],
  [
    'two are',
    found([pending('setFlag', 2, away), pending('configure', 2, { ...away, message: 'git is.' })]),
    'setFlag cannot go on for now: Unleash is away. configure cannot go on for now: git is.',
  ],
  ['nothing has failed', found([pending('setFlag', 1, undefined)]), undefined],
  ['the store is away', found([pending('publish', 9, away)]), undefined],
  ['a worker died', found([pending('observe', 9, { message: 'heartbeat', timeoutFailureInfo: {} })]), undefined],
  ['the release is over', found([pending('setFlag', 4, away)], 'TERMINATED'), undefined],
])('says what is tried again where %s', (_, release, sentence) => {
  expect(whyRetried(release)).toBe(sentence);
});
