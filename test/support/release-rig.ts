import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { sha256Hex } from '../../src/core/canonical';
import type { Policy } from '../../src/core/policy/schema';
import { releaseWorkflowId, taskQueues } from '../../src/core/release/messages';
import type { ReleaseState } from '../../src/core/release/state';
import { startStack, type Stack } from '../../src/stack/start-stack';
import { startWorker, type RunningWorker } from '../../src/worker';
import { temporalPorts } from '../../src/worker-connection';
import type { release } from '../../src/workflows';
import { queries, signals, updates } from '../../src/workflows/messages';
import { createMemoryWorld, type MemoryWorld } from './memory-world';
import { until } from './until';

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
    noData: { holdFor: '2s', then: 'roll-back' },
    ...change,
  });

export type Started = {
  readonly handle: WorkflowHandle<typeof release>;
  state(): Promise<ReleaseState>;
  /** Waits until the state is as wanted. */
  reach(isSo: (state: ReleaseState) => boolean, what: string): Promise<ReleaseState>;
};

export type Rig = {
  readonly world: MemoryWorld;
  readonly client: Client;
  readonly environment: string;
  readonly worker: RunningWorker;
  start(change?: Fields, files?: { readonly [path: string]: string }): Promise<Started>;
  close(): Promise<void>;
};

let bundle: Promise<WorkflowBundle> | undefined;
export const workflowBundle = (): Promise<WorkflowBundle> =>
  (bundle ??= bundleWorkflowCode({ workflowsPath: require.resolve('../../src/workflows'), logger: new DefaultLogger('WARN') }));

let isInstalled = false;
function quietRuntime(): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** Temporal for one test file; each rig in it has an environment, and so queues, of its own. */
export async function startTemporal(): Promise<{ readonly stack: Stack; readonly connection: NativeConnection; close(): Promise<void> }> {
  quietRuntime();
  const stack = await startStack({ parts: ['temporal'], temporal: { headless: true } });
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
export async function startRig(connection: NativeConnection, policy?: Policy): Promise<Rig> {
  const environment = `test-${randomUUID().slice(0, 8)}`;
  const world = createMemoryWorld(environment, policy);
  const ports = { ...world.ports, ...temporalPorts(connection, 'default') };
  const worker = await startWorker({ connection, namespace: 'default', ports, workflowBundle: await workflowBundle(), shutdownGraceMs: 200 });
  const client = new Client({ connection, namespace: 'default' });
  const started: string[] = [];

  async function start(change: Fields = {}, files: { readonly [path: string]: string } = {}): Promise<Started> {
    const text = quickDescriptor(environment, change);
    const packed = Object.entries(files).map(([path, content]) => ({ path, text: content, sha256: sha256Hex(content) }));
    const request = { bundle: { descriptor: { path: 'release.yaml', text }, files: packed }, requestedBy: 'cem' };
    const workflowId = releaseWorkflowId(environment, 'shop');
    const handle = await client.workflow.start<typeof release>('release', {
      workflowId,
      taskQueue: taskQueues(environment).workflow,
      args: [{ request }],
    });
    started.push(workflowId);
    // One run of the chain, or a second release under the same id would be mistaken for this one.
    const state = (): Promise<ReleaseState> => client.workflow.getHandle(workflowId).query(queries.state);
    return {
      handle,
      state,
      async reach(isSo, what) {
        let found = await state();
        await until(what, async () => isSo((found = await state())));
        return found;
      },
    };
  }

  return {
    world,
    client,
    environment,
    worker,
    start,
    async close() {
      world.close();
      await worker.shutdown();
      for (const workflowId of new Set(started)) {
        const history = await client.workflow.getHandle(workflowId).fetchHistory();
        await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
      }
    },
  };
}

export { queries, signals, updates };
