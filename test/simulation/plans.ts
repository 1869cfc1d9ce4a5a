import { sha256Hex } from '../../src/core/canonical';
import type { SealedPlan } from '../../src/core/plan/plan';
import { policySchema } from '../../src/core/policy/schema';
import { releaseWorkflowId } from '../../src/core/release/messages';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCompileActivities, type CompileResult } from '../../src/activities/compile';
import type { Ports } from '../../src/activities/ports';
import { nameLogin } from '../support/login-target';
import { createMemoryWorld } from '../support/memory-world';
import { everything, files, settings, switchFiles, switching } from '../support/shop-release';

const environment = 'simulated';
export const releaseId = releaseWorkflowId(environment, 'shop');
/** The id of the first run in every simulation; seals are bound to it. */
export const firstRunId = 'run-1';

type Fields = { readonly [key: string]: unknown };

const stage = (canaryPercent: number, gate?: string): Fields => ({
  canaryPercent,
  bakeTime: '10m',
  minRequests: 20,
  ...(gate === undefined ? {} : { gate }),
});
const window = (more: Fields = {}): Fields => ({ rollbackWindow: '30m', minRequests: 20, ...more });

const two = { approvals: 2, from: ['lead'], timeout: '4h', remindEvery: '30m', onTimeout: 'roll-back' };
const one = { timeout: '2h', remindEvery: '50m', onTimeout: 'roll-back' };
const patient = { timeout: '1h', remindEvery: '6h', onTimeout: 'hold' };

/** What is released: from everything at once to nothing but a version. */
const descriptors: readonly Fields[] = [
  { ...everything, stages: [stage(5), stage(25)], fullExposure: window({ holdbackPercent: 1 }) },
  {
    ...everything,
    gates: { go: two },
    contractGate: { approvals: 2, from: ['lead'], timeout: '7d' },
    stages: [stage(25, 'go')],
    fullExposure: window(),
  },
  {
    ...settings,
    gates: { go: one, all: patient },
    stages: [stage(1, 'go'), stage(50, 'go')],
    fullExposure: window({ gate: 'all' }),
  },
  { ...switching, stages: [stage(10)], fullExposure: window({ gate: 'go' }), gates: { go: one } },
  { stages: [], gates: { go: two }, fullExposure: window({ gate: 'go', holdbackPercent: 1 }) },
  {
    ...settings,
    stages: [stage(5), stage(20), stage(60)],
    fullExposure: window(),
    noData: { holdFor: '5m', then: 'hold' },
  },
  { stages: [stage(25)], fullExposure: window(), pause: { longest: '1h' } },
  {
    ...settings,
    credentials: { setting: 'databaseLogin' },
    contractGate: { approvals: 1, from: ['lead'], timeout: '7d' },
    stages: [stage(10), stage(50)],
    fullExposure: window(),
  },
  {
    ...settings,
    stages: [stage(5), stage(40)],
    fullExposure: window(),
    rollback: { onBreach: 'drain', onAbort: 'drain' },
  },
];

/** Each plan as a worker would compile and seal it. */
export async function compilePlans(): Promise<readonly SealedPlan[]> {
  const policy = policySchema.parse({
    apiVersion: 'spillway/v1',
    kind: 'policy',
    name: 'simulated',
    roles: { lead: ['ada', 'bob', 'cid'] },
    approvals: { requesterMayApprove: false },
  });
  const named = (descriptor: string) =>
    Object.entries({ ...files, ...switchFiles })
      .filter(([path]) => descriptor.includes(`"${path}"`))
      .map(([path, text]) => ({ path, text, sha256: sha256Hex(text) }));
  return Promise.all(
    descriptors.map(async (fields) => {
      const world = createMemoryWorld(environment, policy);
      world.close();
      if ('credentials' in fields) nameLogin(world.ports.environment, world);
      const { compileRelease } = createCompileActivities(world.ports as Ports);
      const text = JSON.stringify({
        apiVersion: 'spillway/v1',
        service: 'shop',
        version: '2.0.0',
        environment,
        hypothesis: { change: 'Names are stored in two parts.', keep: 'Orders go through.' },
        owners: { lead: 'Ada' },
        noData: { holdFor: '5m', then: 'roll-back' },
        contract: { quiet: '0s', renamed: '0s' },
        notify: [{ to: 'chat' }],
        ...fields,
      });
      const bundle = { descriptor: { path: 'release.yaml', text }, files: named(text) };
      const attempt = new MockActivityEnvironment({ workflowExecution: { workflowId: releaseId, runId: firstRunId } });
      const compiled: CompileResult = await attempt.run(compileRelease, {
        request: { bundle, requestedBy: 'eve' },
        workflowId: releaseId,
        firstRunId,
      });
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.refusals));
      return compiled.sealed;
    }),
  );
}
