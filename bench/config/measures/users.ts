import { seededRandom } from '../../../src/core/seeded-random';
import { startBench, type Bench } from '../../bench';
import type { Outcome, Row } from '../../outcome';
import { describeRelease, readRoles } from '../../release-run';
import type { User } from '../assigned';
import { judgeUsers, type Judged } from '../judge-users';
import type { ConfigOptions } from '../options';
import { disturbed, releaseToUsers, stagesOfUsers, steps } from '../release-to-users';
import { startUserLoad } from '../user-load';

const neededRequests = 1_000_000;
const userCount = 5_000;
const tenants = ['acme', 'globex', 'initech', 'umbrella'];
const connections = 16;
const firstVersion = '1.0.0';

/** Every fifth user belongs to a tenant, always to the same one. */
const users: readonly User[] = Array.from({ length: userCount }, (_, index) => {
  const tenant = index % 5 === 0 ? tenants[(index / 5) % tenants.length] : undefined;
  return { id: `user-${index}`, ...(tenant === undefined ? {} : { tenant }) };
});

async function judgeOneRelease(bench: Bench, { requests, seed }: ConfigOptions): Promise<Judged> {
  const descriptor = describeRelease(bench, stagesOfUsers);
  const { canary } = await readRoles(bench);
  let moment = 0;
  const load = startUserLoad({
    url: bench.embedded.stack.haproxy[0]?.trafficUrl ?? '',
    connections,
    users,
    versions: { baseline: firstVersion, canary: descriptor.version },
    random: seededRandom(seed),
    moment: () => moment,
  });
  try {
    await releaseToUsers(descriptor, { bench, load, requests, at: (next) => (moment = next) });
  } finally {
    await load.stop();
  }
  return judgeUsers(await load.stop(), { steps, canary });
}

const none = (what: string, { wrong, of }: { readonly wrong: number; readonly of: string }, isSeen: boolean): Row => ({
  what,
  measured: `${wrong} of ${of}`,
  bar: '0',
  isMet: wrong === 0 && isSeen,
});

/** One release with cohorts, disturbed and rolled back, while users come again and again: who had which version when. */
export async function measureUsers(shared: Bench, options: ConfigOptions): Promise<Outcome> {
  // A stack of its own: assignment by identity changes what every other measure would see.
  const bench = await startBench(shared.counts, (line) => shared.say(line), { hasCohorts: true, keepsState: true });
  const found = await judgeOneRelease(bench, options).finally(() => bench.stop());
  const { requests, failed, changedUsers, outside, after } = found;
  const { pauses, reloads, crashes, workerKills } = disturbed;
  return {
    figures: { ...found, ...disturbed },
    rows: [
      none(
        `users who changed version without a release step; ${pauses} pauses, ${reloads} proxy reloads, ${crashes} proxy crashes, ${workerKills} worker kills, a rollback`,
        { wrong: changedUsers, of: `${found.users} users, ${requests} requests` },
        requests > failed,
      ),
      none(
        'requests from outside the cohorts that reached the canary while cohorts alone were exposed',
        { wrong: outside.wrong, of: `${outside.answers}` },
        outside.answers > 0,
      ),
      none(
        'requests after the proved rollback that the baseline did not answer',
        { wrong: after.wrong, of: `${after.answers}` },
        after.answers > 0,
      ),
      { what: 'requests that failed', measured: `${failed} of ${requests}`, bar: '–', isMet: true },
    ],
    isWhole: requests >= neededRequests,
  };
}
