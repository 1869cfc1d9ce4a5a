import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench';
import { requireProof, startRelease, type Descriptor, type ReleaseRun } from '../release-run';
import type { Step } from './assigned';
import type { Moment } from './judge-users';
import { killProxy } from './losses';
import { proxyOf } from './proxy-of';
import { untilAssigned } from './until-assigned';
import type { UserLoad } from './user-load';

const inside = { acme: 100, globex: 50 };
/** What the release below gives whom, step by step. */
export const steps: readonly Step[] = [
  { name: 'before', percent: 0, members: {} },
  { name: 'early-adopters', percent: 0, members: { acme: 100 } },
  { name: 'partners', percent: 0, members: inside },
  { name: '5 %', percent: 5, members: inside },
  { name: '25 %', percent: 25, members: inside },
  { name: '60 %', percent: 60, members: { acme: 100, globex: 60 } },
  { name: 'full exposure', percent: 99, members: { acme: 100, globex: 99 } },
  { name: 'after the rollback', percent: 0, members: {}, isBack: true },
];

const person = { by: 'benchmark', why: 'measuring' };
const gateOf = (step: number): string => `to-step-${step}`;
const quick = { bakeTime: '2s', minRequests: 1 };

/** A gate before every step holds the release until enough requests were sent in the one before. */
export const stagesOfUsers = {
  cohorts: [
    { cohort: 'early-adopters', gate: gateOf(1), ...quick },
    { cohort: 'partners', canaryPercent: 50, gate: gateOf(2), ...quick },
  ],
  stages: [5, 25, 60].map((canaryPercent, index) => ({ canaryPercent, gate: gateOf(3 + index), ...quick })),
  fullExposure: { gate: gateOf(6), rollbackWindow: '4h', minRequests: 1 },
  gates: Object.fromEntries([1, 2, 3, 4, 5, 6].map((step) => [gateOf(step), {}])),
} satisfies Partial<Descriptor>;

type Disturbed = { readonly bench: Bench; readonly run: ReleaseRun };
/** Something that gives nobody another version; the second half comes a while later. */
type Disturbance = {
  readonly name: string;
  begin(at: Disturbed): Promise<unknown>;
  end?(at: Disturbed): Promise<unknown>;
};

const reload: Disturbance = {
  name: 'a reload of the proxy that saves nothing itself',
  begin: ({ bench }) => proxyOf(bench).reload({ state: 'left' }),
};
const crash: Disturbance = { name: 'kill -9 of the proxy', begin: ({ bench }) => killProxy(proxyOf(bench)) };
const killWorker = ({ bench }: Disturbed) => bench.embedded.workers.at(-1)?.kill() ?? Promise.resolve();
const startWorker = ({ bench }: Disturbed) => bench.embedded.addWorker();
const pause: Disturbance = {
  name: 'a pause',
  begin: ({ bench, run }) => bench.client.pause(run.workflowId, person),
  end: ({ bench, run }) => bench.client.resume(run.workflowId, person),
};
const kill: Disturbance = { name: 'kill -9 of the worker', begin: killWorker, end: startWorker };

const disturbances: { readonly [step: string]: readonly Disturbance[] } = {
  'early-adopters': [reload],
  partners: [pause, crash],
  '5 %': [reload],
  '25 %': [pause, reload, crash],
  '60 %': [kill],
  'full exposure': [reload, crash, pause],
  'after the rollback': [reload, crash],
};
/** Its worker is killed right behind the order of this step, and another one has to finish it. */
const killedOnTheWayTo = '60 %';

const countOf = (found: Disturbance): number =>
  Object.values(disturbances)
    .flat()
    .filter((one) => one === found).length;
export const disturbed = {
  pauses: countOf(pause),
  reloads: countOf(reload),
  crashes: countOf(crash),
  workerKills: countOf(kill) + 1,
};

type Led = {
  readonly bench: Bench;
  readonly load: UserLoad;
  readonly requests: number;
  readonly at: (moment: Moment) => void;
};

/** While one step stands: it is disturbed in the middle of its share of all requests. */
async function standAt(step: number, run: ReleaseRun, { bench, load, requests }: Led): Promise<void> {
  const { name = '' } = steps[step] ?? {};
  const fromSent = load.sent();
  const untilSent = Math.max(fromSent + requests / (4 * steps.length), ((step + 1) * requests) / steps.length);
  const happening = disturbances[name] ?? [];
  const moments = 2 * happening.length + 1;
  const passed = (part: number) => load.untilSent(fromSent + ((untilSent - fromSent) * part) / moments);
  for (const [index, one] of happening.entries()) {
    await passed(2 * index + 1);
    bench.say(`${name}: ${one.name} at ${load.sent()} requests`);
    await one.begin({ bench, run });
    await passed(2 * index + 2);
    await one.end?.({ bench, run });
  }
  await passed(moments);
  bench.say(`${name}: ${load.sent()} requests sent`);
}

/** Orders a step and waits until the proxy shows it. */
async function goTo(step: number, run: ReleaseRun, { bench, at }: Led): Promise<void> {
  const wanted = steps[step];
  if (wanted === undefined) throw new Error(`there is no step ${step}`);
  await run.atGate(gateOf(step));
  at(2 * step - 1);
  await run.approve(gateOf(step));
  if (wanted.name === killedOnTheWayTo) {
    await killWorker({ bench, run });
    await sleep(200);
    await startWorker({ bench, run });
  }
  await untilAssigned(bench, wanted, run.canary);
  at(2 * step);
}

/** One release through all steps, and back with proof. */
export async function releaseToUsers(descriptor: Descriptor, led: Led): Promise<ReleaseRun> {
  const back = steps.length - 1;
  led.at(0);
  const run = await startRelease(led.bench, descriptor);
  await standAt(0, run, led);
  for (let step = 1; step < back; step += 1) {
    await goTo(step, run, led);
    await standAt(step, run, led);
  }
  led.at(2 * back - 1);
  await run.abort();
  requireProof(await run.end(), 'Aborted');
  led.at(2 * back);
  await standAt(back, run, led);
  return run;
}
