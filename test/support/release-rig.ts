import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Ports } from '../../src/activities/ports';
import { sha256Hex } from '../../src/core/canonical';
import type { Policy } from '../../src/core/policy/schema';
import { releaseWorkflowId, taskQueues, type StartRequest } from '../../src/core/release/messages';
import type { ReleaseState } from '../../src/core/release/state';
import { startStack, type Stack } from '../../src/stack/start-stack';
import { startWorker, type RunningWorker, type WorkerSettings } from '../../src/worker';
import { temporalPorts } from '../../src/worker-connection';
import type { release } from '../../src/workflows';
import { signals, updates } from '../../src/workflows/messages';
import { controlPorts, type PortControl } from './control-ports';
import { createMemoryWorld, type MemoryWorld } from './memory-world';
import { readsOf } from './read-state';
import { replayAll } from './replay-all';
import { until } from './until';
import { workflowBundle } from './workflow-bundle';

export type Fields = { readonly [key: string]: unknown };

/** A descriptor with short times: the code path is the real one. */
export const quickDescriptor = (environment: string, change: Fields = {}): string =>
  JSON.stringify({
    apiVersion: 'spillway/v1',
    service: 'shop',
    version: '2.0.0',
    environment,
    hypothesis: { change: 'Names are stored in two parts.', keep: 'Orders go through.' },
    owners: { lead: 'Ada' },
    stages: [
      { canaryPercent: 5, bakeTime: '300ms', minRequests: 5 },
      { canaryPercent: 25, bakeTime: '300ms', minRequests: 10 },
    ],
    fullExposure: { holdbackPercent: 1, rollbackWindow: '400ms', minRequests: 10 },
    noData: { holdFor: '2m', then: 'roll-back' },
    rollback: { backInBand: '200ms' },
    contract: { quiet: '0s', renamed: '0s', checkEvery: '200ms' },
    ...change,
  });

export type Started = {
  readonly handle: WorkflowHandleWithFirstExecutionRunId<typeof release>;
  readonly state: () => Promise<ReleaseState>;
  /** Why it is where it is. */
  readonly sentence: () => Promise<string>;
  /** Waits until the state is as wanted. */
  readonly reach: (isSo: (state: ReleaseState) => boolean, what: string) => Promise<ReleaseState>;
};

export type Rig = {
  readonly world: MemoryWorld;
  /** Every call of a port, in order; each may be held or made to fail. */
  readonly control: PortControl;
  readonly client: Client;
  readonly environment: string;
  /** The worker that began with the rig. */
  readonly worker: RunningWorker;
  /** Begins another worker, of today's workflow code or of another bundle. */
  restartWorker(bundle?: WorkerSettings['workflowBundle']): Promise<RunningWorker>;
  start(
    change?: Fields,
    files?: { readonly [path: string]: string },
    request?: Partial<StartRequest>,
  ): Promise<Started>;
  /** Ends worker and world. */
  stop(): Promise<void>;
  /** The same, then every workflow that ran here is replayed. */
  close(): Promise<void>;
};

let isInstalled = false;
function quietRuntime(): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** Temporal for one test file; each rig in it has an environment, and so queues, of its own. */
export async function startTemporal(
  dynamicConfig: readonly string[] = [],
): Promise<{ readonly stack: Stack; readonly connection: NativeConnection; close(): Promise<void> }> {
  quietRuntime();
  const stack = await startStack({ parts: ['temporal'], temporal: { headless: true, dynamicConfig } });
  const connection = await NativeConnection.connect({ address: stack.temporal.address });
  return {
    stack,
    connection,
    async close() {
      await connection.close();
      await stack.stop();
    },
  };
}

/** A worker over a world in memory, on a real Temporal server. Every workflow it started replays when it closes. */
export async function startRig(
  connection: NativeConnection,
  policy?: Policy,
  change: Partial<Pick<Ports, 'traffic' | 'configuration' | 'flags'>> = {},
): Promise<Rig> {
  const environment = `test-${randomUUID().slice(0, 8)}`;
  const world = createMemoryWorld(environment, policy);
  const control = controlPorts({ ...world.ports, ...change, ...temporalPorts(connection, 'default') });
  const { ports } = control;
  const begin = async (bundle?: WorkerSettings['workflowBundle']): Promise<RunningWorker> =>
    startWorker({
      connection,
      namespace: 'default',
      ports,
      workflowBundle: bundle ?? (await workflowBundle()),
      shutdownGraceMs: 200,
    });
  const worker = await begin();
  let present = worker;
  const client = new Client({ connection, namespace: 'default' });
  const reads = readsOf(client);

  async function start(
    change: Fields = {},
    files: { readonly [path: string]: string } = {},
    more: Partial<StartRequest> = {},
  ): Promise<Started> {
    const text = quickDescriptor(environment, change);
    const packed = Object.entries(files).map(([path, content]) => ({
      path,
      text: content,
      sha256: sha256Hex(content),
    }));
    const request = {
      bundle: { descriptor: { path: 'release.yaml', text }, files: packed },
      requestedBy: 'cem',
      ...more,
    };
    const workflowId = releaseWorkflowId(environment, 'shop');
    const handle = await client.workflow.start<typeof release>('release', {
      workflowId,
      taskQueue: taskQueues(environment).workflow,
      args: [{ request }],
    });
    // One run of the chain, or a second release under the same id would be mistaken for this one.
    const state = (): Promise<ReleaseState> => reads.state(workflowId);
    return {
      handle,
      state,
      sentence: () => reads.sentence(workflowId),
      async reach(isSo, what) {
        let found = await state();
        // A deadline, not a wait: long enough for a machine that runs other suites beside this one.
        await until(what, async () => isSo((found = await state())), 30_000);
        return found;
      },
    };
  }

  async function stop(): Promise<void> {
    world.close();
    await present.shutdown();
  }

  return {
    world,
    control,
    client,
    environment,
    worker,
    restartWorker: async (bundle) => (present = await begin(bundle)),
    start,
    stop,
    async close() {
      await stop();
      await replayAll(client, `TaskQueue = '${taskQueues(environment).workflow}'`);
    },
  };
}

export { signals, updates };
