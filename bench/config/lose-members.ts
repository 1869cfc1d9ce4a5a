import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cohortMapIn } from '../../src/stack/haproxy';
import type { Load } from '../../src/stack/load';
import { nowMs } from '../../src/stack/load-sender';
import { underLoad, type Bench } from '../bench';
import { describeRelease, requireProof, startRelease, type ReleaseRun } from '../release-run';
import { parseWeights, shareOf, type Slot } from '../weights';
import { untilCalm } from './calm';
import { changeRoles, lossesInTurn } from './lose-weights';
import { readWorkerPid, watchRestored, type Loss } from './losses';
import { membersOf, parseMembers } from './member-map';
import { proxyOf } from './proxy-of';
import { untilAssigned } from './until-assigned';

const inside = { acme: 100 };
const settleMs = 500;
const requestsPerSecond = 100;

export type FoundMembers = {
  readonly name: string;
  readonly isMapLost: boolean;
  readonly restoredMs: number;
  /** Requests from outside the cohort, and those of them that the canary answered. */
  readonly outside: number;
  readonly leaked: number;
  /** Requests of the cohort, and those of them that the baseline answered. */
  readonly members: number;
  readonly goneBack: number;
};

type Users = { readonly member: Load; readonly other: Load; readonly nobody: Load };

/** A tenant of the cohort, a tenant outside, and requests that name no tenant, all the while. */
const underUsers = <T>(bench: Bench, work: (users: Users) => Promise<T>): Promise<T> => {
  const as = (tenant?: string) => ({
    requestsPerSecond,
    ...(tenant === undefined ? {} : { headers: { 'x-tenant': tenant } }),
  });
  return underLoad(bench, as('acme'), (member) =>
    underLoad(bench, as('initech'), (other) => underLoad(bench, as(), (nobody) => work({ member, other, nobody }))),
  );
};

type Standing = { readonly bench: Bench; readonly run: ReleaseRun; readonly users: Users };

async function loseOnce({ bench, run, users }: Standing, loss: Loss, isMapLost: boolean): Promise<FoundMembers> {
  const proxy = proxyOf(bench);
  const map = cohortMapIn(bench.embedded.stack.runDirectory);
  const wanted = membersOf(inside, run.canary);
  const pid = await readWorkerPid(proxy.socketPath);
  if (isMapLost) await writeFile(map, '');
  const struckMs = nowMs();
  const watching = watchRestored(proxy.socketPath, {
    pid,
    command: `show servers state shop; show map ${map}`,
    isAsBefore: (answer) => shareOf(parseWeights(answer), run.canary) === 0 && parseMembers(answer) === wanted,
  });
  const [{ answeredMs, restoredMs }] = await Promise.all([watching, loss.strike(proxy)]);
  await sleep(2 * settleMs);
  const bySlot = (load: Load, slot: Slot) => {
    const answered = load.records(struckMs, restoredMs + settleMs).filter((one) => one.slot !== '');
    return { all: answered.length, there: answered.filter((one) => one.slot === slot).length };
  };
  const [members, other, nobody] = [
    bySlot(users.member, run.baseline),
    bySlot(users.other, run.canary),
    bySlot(users.nobody, run.canary),
  ];
  return {
    name: loss.name,
    isMapLost,
    restoredMs: restoredMs - answeredMs,
    outside: other.all + nobody.all,
    leaked: other.there + nobody.there,
    members: members.all,
    goneBack: members.there,
  };
}

/**
 * One release that exposes a cohort alone while its proxy crashes or is reloaded, with the file of its map and without. Its
 * canary is in the slot that the proxy's configuration starts with.
 */
export async function loseMembers(
  bench: Bench,
  { runs, random }: { readonly runs: number; readonly random: () => number },
) {
  return underUsers(bench, async (users) => {
    await changeRoles(bench);
    const long = { bakeTime: '1h', minRequests: 1 };
    const cohorts = [{ cohort: 'early-adopters', ...long }];
    const run = await startRelease(
      bench,
      describeRelease(bench, { cohorts, stages: [{ canaryPercent: 25, ...long }] }),
    );
    await untilAssigned(bench, { name: 'the cohort', percent: 0, members: inside }, run.canary);
    const found: FoundMembers[] = [];
    for (const isMapLost of [false, true])
      for (const loss of lossesInTurn(runs, random)) {
        await sleep(500 + 1_000 * random());
        found.push(await loseOnce({ bench, run, users }, loss, isMapLost));
        bench.say(`cohort, canary ${run.canary}: ${JSON.stringify(found.at(-1))}`);
        await untilCalm(run);
      }
    await run.abort();
    requireProof(await run.end(), 'Aborted');
    return found;
  });
}
