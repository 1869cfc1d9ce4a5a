import type { ReleaseState } from '../../src/core/release/state';
import { continueOnce } from '../support/continue-once';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { readsOf } from '../support/read-state';
import { signals, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, everything, files, gated } from '../support/shop-release';
import { until } from '../support/until';

const rigs = createRigs(['limit.historyCount.suggestContinueAsNew=40']);
afterAll(rigs.close);

/** What the workflow itself answers: a running release is asked here only, to compare. */
const answerOf = ({ handle }: Started): Promise<ReleaseState> => handle.query<ReleaseState, []>('state');

/** Read before and after the answer, as the release may go on between. */
async function expectAnswer(started: Started): Promise<void> {
  let [read, answer, again]: (ReleaseState | undefined)[] = [];
  await until('nothing happens while it is read', async () => {
    [read, answer, again] = [await started.state(), await answerOf(started), await started.state()];
    return JSON.stringify(read) === JSON.stringify(again);
  });
  expect(read).toEqual(answer);
}

test.concurrent(
  'what is read of a release is what it answers: exposed, in a new run, going back and ended',
  rigs.on(async (rig) => {
    const started = await rig.start({ ...everything, ...endless }, files);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    await expectAnswer(started);
    await continueOnce(rig.client, started.handle.workflowId);
    await expectAnswer(started);
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
    await expectAnswer(started);
    const { proof, sealed, snapshot } = await started.state();
    expect([proof?.isRestored, sealed?.plan.service, typeof snapshot]).toEqual([true, 'shop', 'object']);
  }),
);

test.concurrent(
  'a release whose worker is gone is read as it was left',
  rigs.on(async (rig) => {
    const started = await rig.start(gated());
    const before = await started.reach(({ gates }) => 'go' in gates, 'gate open');
    await rig.worker.shutdown();
    expect(await started.state()).toEqual(before);
    expect(await started.sentence()).toMatch(/^Waiting for approval/);
    await rig.restartWorker();
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent(
  'a release that no worker has begun with is being prepared',
  rigs.on(async (rig) => {
    await rig.worker.shutdown();
    const started = await rig.start();
    expect(await started.state()).toMatchObject({ phase: 'Preparing', requestedBy: 'cem', stages: [], journal: [] });
    expect(await started.sentence()).toMatch(/^Preparing/);
    await rig.restartWorker();
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a release of an older version, which shows no state, is asked',
  rigs.on(async (rig) => {
    const started = await rig.start(gated());
    const { phase } = await started.reach(({ gates }) => 'go' in gates, 'gate open');
    const { client } = rig;
    const bare = Object.create(client, {
      workflow: {
        value: {
          getHandle: (id: string) => {
            const handle = client.workflow.getHandle(id);
            const describe = async () => ({ ...(await handle.describe()), memo: { requestedBy: 'cem' } });
            return { ...handle, describe };
          },
        },
      },
    }) as typeof client;
    expect(await readsOf(bare).state(started.handle.workflowId)).toMatchObject({ phase, gates: { go: {} } });
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }),
);
