import { setTimeout as sleep } from 'node:timers/promises';
import type { ReleaseReport } from '../../src/core/release/report';
import type { ReleaseState } from '../../src/core/release/state';
import { isOk } from '../../src/stack/load-records';
import { closedTo, readProxy, shareOf, watchShare, type ShownSplit } from '../support/proxy-split';
import { startRealRig, type RealRig } from '../support/real-release';
import type { Files } from '../support/shop-descriptor';

type Kill = {
  readonly name: string;
  readonly isNow: (state: ReleaseState) => boolean;
  readonly isAborted: boolean;
};

type Outcome = {
  readonly report: ReleaseReport;
  readonly canary: 'blue' | 'green';
  readonly split: ShownSplit;
  readonly mostBeforeApproval: number;
  readonly most: number;
  readonly marks: unknown;
  readonly filled: unknown;
  readonly wrongDeploys: readonly string[];
};

const began =
  (id: string) =>
  ({ stages }: ReleaseState) =>
    stages.some((stage) => stage.id === id && stage.state !== 'waiting');
const isExposed = ({ journal }: ReleaseState): boolean =>
  journal.some(({ effect, state }) => effect === 'expose/shop' && state === 'done');
const during = (name: string, isNow: Kill['isNow']): Kill => ({ name, isNow, isAborted: false });
const afterAbort = (name: string, isNow: Kill['isNow']): Kill => ({ name, isNow, isAborted: true });
const isUndone = ({ failure, compensations }: ReleaseState): boolean =>
  failure !== undefined && Object.values(compensations).every(({ status }) => status === 'verified');

const lanes: readonly (readonly Kill[])[] = [
  [
    during('expand', began('expand')),
    during('backfill', began('backfill')),
    during('deploy', began('deploy')),
    during('the check at 0 %', began('check')),
  ],
  [
    during('exposing', began('expose-5')),
    during('baking', (state) => isExposed(state) && began('expose-5')(state)),
    during('waiting at a gate', ({ gates }) => gates['full'] !== undefined),
    during('full exposure', began('expose-full')),
  ],
  [
    afterAbort('rolling back', ({ failure }) => failure !== undefined),
    afterAbort('proving', isUndone),
    during('promotion', began('promote')),
  ],
];

/** As many say what happened. */
const shownFailures = 3;

const seed = Number(process.env['SPILLWAY_SEED'] ?? 7);
/** Where in the stage it is killed, 0 to 60 ms behind its beginning: another place for each name, the same for each seed. */
const delayOf = (name: string): number =>
  [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0) * seed) % 61, seed % 61);

// Long enough to be killed in the midst of.
const slowly = '-- spillway: allow server-function because a kill has to hit it while it runs\n';
const filesOf = (id: string): Files => ({
  'expand.sql': `${slowly}select pg_sleep(0.3);
    alter table orders add column ${id} integer; insert into marks values ('${id}')`,
  'undo.sql': `${slowly}select pg_sleep(0.3); alter table orders drop column ${id}; delete from marks where name = '${id}'`,
  'batch.sql': `${slowly}update orders set ${id} = coalesce(${id}, 0) + 1 from (select pg_sleep(0.05)) as pause
    where id in (select id from orders where ${id} is null and id <= 5000 order by id limit 1000)`,
  'slow.sql': `${slowly}select 1 from (select pg_sleep(0.2)) as pause where false`,
});

/** One release with one kill in it, and what the real systems show afterwards. */
async function play(rig: RealRig, { name, isNow, isAborted }: Kill, index: number, version: string): Promise<Outcome> {
  const id = `k${index}`;
  const release = await rig.start(
    version,
    {
      migrations: [
        {
          id,
          expand: { sql: 'expand.sql', undo: 'undo.sql' },
          backfill: { batch: 'batch.sql', undo: { skip: 'goes with expand' } },
        },
      ],
      stages: [
        { canaryPercent: 5, bakeTime: '400ms', minRequests: 5 },
        { canaryPercent: 25, bakeTime: isAborted ? '10m' : '400ms', minRequests: 20 },
      ],
      gates: { full: {} },
      fullExposure: { holdbackPercent: 1, rollbackWindow: '400ms', minRequests: 20, gate: 'full' },
      invariants: [{ id: 'slow', query: 'slow.sql' }],
    },
    filesOf(id),
  );
  const { snapshot } = await release.reach('prepared', (state) => state.snapshot !== undefined);
  const canary = snapshot?.roles.canary ?? 'green';
  const socket = rig.embedded.stack.haproxy[0]?.socketPath ?? '';
  const share = watchShare(socket, canary);
  const kill = async (): Promise<void> => {
    await release.reach(`it is at ${name}`, isNow);
    await sleep(delayOf(name));
    const [worker] = rig.embedded.workers;
    await worker?.kill();
    await worker?.start();
  };
  let mostBeforeApproval: number;
  if (isAborted) {
    await release.reach('exposed at 25 %', began('expose-25'));
    await Promise.all([kill(), rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' })]);
    mostBeforeApproval = share.most();
  } else {
    const killing = kill();
    await release.reach('the gate is open', ({ gates }) => gates['full'] !== undefined);
    if (name === 'waiting at a gate') await killing;
    mostBeforeApproval = share.most();
    await release.approve('full');
    await killing;
  }
  const report = await release.report(60_000);
  const columns = await rig.sql('shop', `select 1 from information_schema.columns where column_name = '${id}'`);
  const status = await rig.embedded.slotctl('status', { slot: canary });
  return {
    report,
    canary,
    mostBeforeApproval,
    most: await share.stop(),
    split: await readProxy(socket),
    marks: await rig.sql('shop', `select count(*)::int as n from marks where name = '${id}'`),
    filled:
      columns.length === 0
        ? []
        : await rig.sql('shop', `select ${id} as times, count(*)::int as n from orders where id <= 5000 group by 1`),
    wrongDeploys: isAborted === (status['state'] === 'absent') ? [] : [JSON.stringify(status)],
  };
}

const rigs: RealRig[] = [];
const outcomes = new Map<string, Promise<Outcome>>();

beforeAll(async () => {
  for (const lane of lanes) {
    const rig = await startRealRig({ requestsPerSecond: 100 });
    rigs.push(rig);
    await rig.sql('shop', 'create table marks (name text not null)');
    let before: Promise<unknown> = Promise.resolve();
    for (const [index, kill] of lane.entries()) {
      const outcome = before.then(() => play(rig, kill, index, `2.${index}.0`));
      outcome.catch(() => undefined);
      outcomes.set(kill.name, outcome);
      before = outcome;
    }
  }
}, 120_000);
afterAll(() => Promise.all(rigs.map((rig) => rig.close())), 60_000);

test.each(lanes.flat())(
  `ends rightly, with no effect twice and nobody exposed without approval, when the worker is killed in $name (seed ${seed})`,
  async ({ name, isAborted }) => {
    const outcome = await outcomes.get(name);
    if (outcome === undefined) throw new Error('not played');
    const { report, canary, split } = outcome;
    expect(outcome.mostBeforeApproval).toBeLessThan(25.5);
    expect(outcome.wrongDeploys).toEqual([]);
    if (isAborted) {
      expect(report).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
      expect(closedTo(canary)(split)).toBe(true);
      expect(outcome.most).toBeLessThan(25.5);
      expect(outcome.marks).toEqual([{ n: 0 }]);
      expect(outcome.filled).toEqual([]);
    } else {
      expect(report.ending).toBe('Promoted');
      expect(shareOf(split, canary)).toBe(100);
      expect(outcome.marks).toEqual([{ n: 1 }]);
      expect(outcome.filled).toEqual([{ times: 1, n: 5000 }]);
    }
  },
  180_000,
);

test('fails no request of anybody meanwhile', async () => {
  await Promise.allSettled(outcomes.values());
  expect(
    rigs.flatMap((rig) =>
      rig.load
        .records()
        .filter((record) => !isOk(record))
        .slice(0, shownFailures),
    ),
  ).toEqual([]);
  for (const rig of rigs) expect(rig.load.snapshot()).toMatchObject({ failed: 0, resets: 0 });
}, 180_000);
