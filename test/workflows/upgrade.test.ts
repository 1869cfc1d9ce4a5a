import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowCode } from '../../src/workflow-code';
import { said } from '../support/messages';
import { signals, startRig, startTemporal, type Rig, type Started } from '../support/release-rig';
import { until } from '../support/until';
import { workflowBundle } from '../support/workflow-bundle';

jest.setTimeout(120_000);

const newer = workflowBundle({ ...workflowCode, workflowsPath: require.resolve('../replay/newer-workflows') });
const incompatible = workflowBundle({ ...workflowCode, workflowsPath: require.resolve('../replay/mutated-workflows') });

let temporal: Awaited<ReturnType<typeof startTemporal>>;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal.close());

/** A rig that is not closed by a replay on today's code: other code wrote the histories too. */
const on = (work: (rig: Rig) => Promise<void>) => async (): Promise<void> => {
  const rig = await startRig(temporal.connection);
  try {
    await work(rig);
  } finally {
    await rig.stop();
  }
};

const historyOf = async ({ client }: Rig, { handle }: Started) =>
  client.workflow.getHandle(handle.workflowId).fetchHistory();
const replay = async (rig: Rig, started: Started, workflowBundle: { readonly codePath: string }) =>
  Worker.runReplayHistory({ workflowBundle }, await historyOf(rig, started), started.handle.workflowId);
const looks = (rig: Rig): number => rig.control.order(/^traffic\.read$/).length;
const isWatched = async (rig: Rig): Promise<void> => {
  const before = looks(rig);
  await until('the watch looks', () => Promise.resolve(looks(rig) > before + 5), 20_000);
};
const bakes = (ms: string) => ({ stages: [{ canaryPercent: 25, bakeTime: ms, minRequests: 5 }] });
const isExposed = ({ journal }: { journal: readonly { effect: string; state: string }[] }): boolean =>
  journal.some(({ effect, state }) => effect === 'expose/shop' && state === 'done');

test(
  'a newer worker takes a baking release over and brings it to its end, and watches it meanwhile',
  on(async (rig) => {
    const started = await rig.start(bakes('4s'));
    await started.reach(isExposed, 'exposed');
    await rig.worker.shutdown();
    const stoppedAtMs = Date.now();
    await rig.restartWorker(await newer);
    await isWatched(rig);
    expect((await started.handle.result()).ending).toBe('Promoted');
    const { stages } = await started.state();
    expect(stages.find(({ id }) => id === 'expose-25')?.endedAtMs).toBeGreaterThan(stoppedAtMs);
    const { events } = await historyOf(rig, started);
    const marks = (events ?? []).flatMap(({ markerRecordedEventAttributes: mark }) =>
      mark?.markerName === 'core_patch'
        ? [
            JSON.stringify(
              mark.details?.['patch-data']?.payloads?.map(({ data }) => new TextDecoder().decode(data ?? undefined)),
            ),
          ]
        : [],
    );
    // The way through it that it began with, and the newer one behind that.
    expect(marks.join()).toMatch(/newer-end/);
    expect(marks.join()).not.toMatch(/newer-start/);
    await replay(rig, started, await newer);
    await expect(replay(rig, started, await workflowBundle())).rejects.toBeInstanceOf(DeterminismViolationError);
  }),
);

test(
  'a worker of an incompatible version fails the workflow task, in sight; the release stays as it is and goes on when the right one is back',
  on(async (rig) => {
    const started = await rig.start({
      ...bakes('300ms'),
      gates: { all: {} },
      fullExposure: { gate: 'all', rollbackWindow: '400ms', minRequests: 10 },
    });
    await started.reach(({ gates }) => 'all' in gates, 'gate open');
    const before = await started.state();
    const changes = (): readonly string[] => rig.control.order(/traffic\.write|deployer\.(deploy|drain|undeploy)/);
    const changed = changes();
    await rig.worker.shutdown();
    const wrong = await rig.restartWorker(await incompatible);
    await started.handle.signal(signals.approve, said('ada', { gate: 'all' }));
    await until(
      'the workflow task fails',
      async () => {
        const { events } = await historyOf(rig, started);
        return (events ?? []).some(
          ({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message?.includes('TMPRL1100') === true,
        );
      },
      30_000,
    );
    await isWatched(rig);
    const { status } = await rig.client.workflow.getHandle(started.handle.workflowId).describe();
    expect([status.name, changes()]).toEqual(['RUNNING', changed]);
    expect((await rig.world.traffic.readSplit()).green).toMatchObject({ weight: 25, state: 'ready' });
    await expect(replay(rig, started, await incompatible)).rejects.toBeInstanceOf(DeterminismViolationError);
    await wrong.shutdown();
    await rig.restartWorker();
    const { ending } = await started.handle.result();
    const after = await started.state();
    expect([ending, after.gates['all']?.approvals.map(({ by }) => by)]).toEqual(['Promoted', ['ada']]);
    expect(after.snapshot).toEqual(before.snapshot);
    await replay(rig, started, await workflowBundle());
  }),
);
