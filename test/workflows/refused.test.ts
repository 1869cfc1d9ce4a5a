import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { PortError } from '../../src/ports/errors';
import { policySchema } from '../../src/core/policy/schema';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Fields, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless, files, migrations } from '../support/shop-release';
import { releaseWorkflowId, taskQueues } from '../../src/core/release/messages';

const rigs = createRigs();
afterAll(rigs.close);

const strict = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'strict',
  floors: { maxFirstCanaryPercent: 1 },
});
const two = { id: 'no-order-lost', query: 'q.sql' };

const cases: readonly [string, Fields, string, 'invalid' | 'denied', ((rig: Rig) => void)?][] = [
  ['an unknown key', { colour: 'red' }, 'invalid-bundle', 'invalid'],
  ['a secret', { configuration: [{ set: { dbPassword: 'hunter2' } }] }, 'invalid-bundle', 'invalid'],
  ['a file that is missing', { invariants: [two] }, 'invalid-bundle', 'invalid'],
  ['another environment', { environment: 'elsewhere' }, 'wrong-environment', 'invalid'],
  ['a gate nobody declared', { fullExposure: { gate: 'none' } }, 'invalid-bundle', 'invalid'],
  [
    'a split that is not at rest',
    {},
    'not-at-rest',
    'denied',
    (rig) =>
      void rig.world.traffic.writeSplit({
        blue: { weight: 50, state: 'ready' },
        green: { weight: 50, state: 'ready' },
      }),
  ],
  [
    'a proxy whose files the worker cannot write',
    {},
    'file-unwritable',
    'denied',
    (rig) => rig.world.traffic.lockFile(true),
  ],
  [
    'a target that refuses',
    { flags: [{ flag: 'new', value: true }] },
    'target-refuses',
    'denied',
    (rig) => rig.world.flags.setFailure('read', new PortError('Rejected', 'flags.json is no JSON')),
  ],
];

test.concurrent.each(cases)('%s is refused before anything changes', async (_what, change, code, kind, arrange) => {
  await rigs.on(async (rig) => {
    arrange?.(rig);
    const before = await rig.world.traffic.readSplit();
    const { handle } = await rig.start(change);
    const { type, report } = await failureOf(handle.result());
    expect(type).toBe('Refused');
    expect(report.refusals.map((refusal) => [refusal.code, refusal.kind])).toContainEqual([code, kind]);
    expect(report.refusals.every(({ message, fix }) => message.length > 10 && fix.length > 10)).toBe(true);
    expect(report.sentence).toMatch(/^Refused: .*nothing was changed/);
    expect(rig.control.order(/apply|write|deploy$|undo|restore/)).toEqual([]);
    expect(await rig.world.traffic.readSplit()).toEqual(before);
  })();
});

test.concurrent(
  'an undo that does not give back the schema on a copy is refused before anything changes',
  rigs.on(async (rig) => {
    rig.world.database.leaveBehind('003.undo.sql');
    const { handle } = await rig.start(migrations, files);
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'undo-differs']);
    expect(report.refusals[0]?.message).toContain('003.undo.sql');
    expect(rig.control.order(/apply|write|deploy$|undo|restore/)).toEqual([]);
  }),
);

const careful = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'careful',
  migrations: { trial: 'required' },
});

test.concurrent(
  'undos that could not be tried are denied where the policy asks for a trial',
  rigs.on(async (rig) => {
    rig.world.database.answerTrial({ outcome: 'not-tried', why: 'user app may not make databases', fix: 'Grant it.' });
    const { handle } = await rig.start(migrations, files);
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'trial-missing']);
  }, careful),
);

test.concurrent(
  'a plan below a floor of the policy is denied',
  rigs.on(async (rig) => {
    const { handle } = await rig.start();
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'policy-floor']);
  }, strict),
);

test.concurrent(
  'a plan other than the expected one is denied, and the expected one runs',
  rigs.on(async (rig) => {
    const short: Fields = { stages: [], fullExposure: { rollbackWindow: '200ms', minRequests: 5 } };
    const wrong = await rig.start(short, {}, { expectPlan: 'sha256:0' });
    const { type, report } = await failureOf(wrong.handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'plan-changed']);
    const digest = /The plan is (sha256:[0-9a-f]{64})/.exec(report.refusals[0]?.message ?? '')?.[1];
    expect(digest).toBeDefined();
    const right = await rig.start(short, {}, { expectPlan: digest ?? '' });
    expect((await right.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'a second release of the service is refused by the id of the first',
  rigs.on(async (rig) => {
    const first = await rig.start(endless);
    await expect(rig.start()).rejects.toBeInstanceOf(WorkflowExecutionAlreadyStartedError);
    await first.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(first.handle.result())).type).toBe('Aborted');
  }),
);

test.concurrent.each([
  ['an id that names another service', (environment: string) => releaseWorkflowId(environment, 'cart')],
  ['an id that is none', () => 'anything'],
])('%s is refused: the id is the lock', async (_what, idOf) => {
  await rigs.on(async (rig) => {
    const text = JSON.stringify({
      apiVersion: 'spillway/v1',
      service: 'shop',
      version: '2.0.0',
      environment: rig.environment,
      hypothesis: { change: 'a', keep: 'b' },
      owners: { lead: 'Ada' },
    });
    const handle = await rig.client.workflow.start('release', {
      workflowId: idOf(rig.environment),
      taskQueue: taskQueues(rig.environment).workflow,
      args: [{ request: { bundle: { descriptor: { path: 'r.yaml', text }, files: [] }, requestedBy: 'eve' } }],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Refused' } });
    expect(rig.control.order(/./)).toEqual([]);
  })();
});

test.concurrent(
  'a release that was started without a bundle is refused',
  rigs.on(async (rig) => {
    const handle = await rig.client.workflow.start('release', {
      workflowId: releaseWorkflowId(rig.environment, 'shop'),
      taskQueue: taskQueues(rig.environment).workflow,
      args: [{}],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Refused' } });
  }),
);
