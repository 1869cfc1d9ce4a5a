import { crc32 } from 'node:zlib';
import { isOnCanary, type Step, type User } from '../../bench/config/assigned';
import { judgeUsers, type Answer } from '../../bench/config/judge-users';

const steps: readonly Step[] = [
  { name: 'acme', percent: 0, members: { acme: 100 } },
  { name: '25 %', percent: 25, members: { acme: 100 } },
  { name: 'back', percent: 0, members: {}, isBack: true },
];
const userWith = (isWanted: (place: number) => boolean): User => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
  return { id: ids.find((id) => isWanted(crc32(id) % 10_000)) ?? '' };
};
const early = userWith((place) => place < 2_500);
const late = userWith((place) => place >= 7_500);
const users: { readonly [name: string]: User } = {
  early,
  late,
  member: { ...late, tenant: 'acme' },
  stranger: { ...early, tenant: 'globex' },
};
const versions = ['canary', 'baseline', 'unknown version', 'nobody'] as const;

/** Requests one after the other: `user answered-by sent-in`, and `-answered-in` where that is another moment. */
const judge = (told: string, canary: 'blue' | 'green' = 'green') =>
  judgeUsers(
    told.split(', ').map((text, index): Answer => {
      const [, name = '', version = '', sentIn, answeredIn = sentIn] = /^(\w+) (\D+) (\d)(?:-(\d))?$/.exec(text) ?? [];
      const [user, by] = [users[name], versions.find((one) => one === version)];
      if (user === undefined || by === undefined) throw new Error(`the test says ${text}`);
      const times = { sentMs: 2 * index, answeredMs: 2 * index + 1 };
      return { user, by, sentIn: Number(sentIn), answeredIn: Number(answeredIn), ...times };
    }),
    { steps, canary },
  );

const asTheHashSays = [
  'member canary 0, early baseline 0, stranger baseline 0, early baseline 1, early canary 1',
  'early canary 2, late baseline 2, member canary 2',
  'early canary 3, early baseline 3, early baseline 4, member baseline 4',
].join(', ');

describe('users, judged by the hash of their identity', () => {
  it('are all in order when everybody has what the hash says, and are counted', () => {
    expect(judge(asTheHashSays)).toEqual({
      requests: 12,
      failed: 0,
      users: 4,
      changedUsers: 0,
      changedAnswers: 0,
      outside: { answers: 2, wrong: 0 },
      after: { answers: 2, wrong: 0 },
      steps: [
        { name: 'acme', answers: 3, canary: 1 },
        { name: '25 %', answers: 3, canary: 2 },
        { name: 'back', answers: 2, canary: 0 },
      ],
    });
  });

  it.each([
    ['a user below the share flips to the baseline', 'early canary 2, early baseline 2', 1],
    ['a user beyond the share gets the canary', 'late canary 2', 1],
    ['a member gets the baseline', 'member baseline 0', 1],
    ['a user goes back while a share grows', 'early canary 1, early baseline 1', 1],
    ['a user goes to the canary again on the way back', 'early baseline 3, early canary 3', 1],
    ['a user gets the canary before anybody may', 'late canary 1', 1],
    ['a version nobody knows answers', 'early unknown version 2', 1],
    ['two users flip, one of them twice', 'late canary 2, late canary 2, early baseline 2', 2],
  ])('are counted when %s', (_, told, changedUsers) => {
    expect(judge(told).changedUsers).toBe(changedUsers);
  });

  it('may have either version while a request crosses a step', () => {
    expect(judge('early canary 0-1, early baseline 2-4, member canary 2-3').changedUsers).toBe(0);
    const together = { user: early, sentIn: 1, answeredIn: 1, sentMs: 0 };
    const overlapping: readonly Answer[] = [
      { ...together, by: 'canary', answeredMs: 1 },
      { ...together, by: 'baseline', answeredMs: 2 },
    ];
    expect(judgeUsers(overlapping, { steps, canary: 'green' }).changedUsers).toBe(0);
  });

  it('leak when somebody outside gets the canary while the cohort alone is exposed, with a tenant or without', () => {
    const { outside } = judge('stranger canary 0, early canary 0, member canary 0, stranger canary 1');
    expect(outside).toEqual({ answers: 2, wrong: 2 });
  });

  it('are not all back when one answer of the canary comes after the proof', () => {
    const { after } = judge('early canary 4, late baseline 4, early canary 3-4');
    expect(after).toEqual({ answers: 2, wrong: 1 });
  });

  it('of failed requests are told apart, and change nothing', () => {
    expect(judge('early nobody 2')).toMatchObject({ requests: 1, failed: 1, users: 0, changedUsers: 0 });
  });

  it('have the highest places first when the canary is blue', () => {
    expect(judge('late canary 2, early baseline 2', 'blue').changedUsers).toBe(0);
    expect(judge('early canary 2', 'blue').changedUsers).toBe(1);
    const half: Step = { name: '', percent: 50, members: { acme: 0 } };
    const share = Array.from({ length: 1_000 }, (_, index) => ({ id: `user-${index}` }));
    for (const user of share) expect(isOnCanary(user, half, 'blue')).toBe(!isOnCanary(user, half, 'green'));
    expect(share.some((user) => isOnCanary({ ...user, tenant: 'acme' }, half, 'blue'))).toBe(false);
  });
});
