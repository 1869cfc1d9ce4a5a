import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { stickyTimeoutMs } from './core/release/query-timeouts';
import { taskQueues } from './core/release/messages';
import { workflowCode } from './workflow-code';

export type WorkflowWorkerSettings = {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** Name of the environment whose releases it carries. */
  readonly environment: string;
  /** A bundle made before; without it the prebuilt one of the package, or one made at start. */
  readonly workflowBundle?: WorkerOptions['workflowBundle'];
  readonly shutdownGraceMs?: number;
  /** Open releases whose state stays in memory; the others are rebuilt from their history when something happens. */
  readonly cachedReleases?: number;
};

const prebuiltBundle = join(__dirname, 'workflow-bundle.js');

function workflowSource(
  bundle: WorkflowWorkerSettings['workflowBundle'],
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'interceptors' | 'bundlerOptions'> {
  if (bundle !== undefined) return { workflowBundle: bundle };
  if (existsSync(prebuiltBundle)) return { workflowBundle: { codePath: prebuiltBundle } };
  const { workflowsPath, workflowInterceptorModules, preloadModules } = workflowCode;
  return {
    workflowsPath,
    interceptors: { workflowModules: workflowInterceptorModules },
    bundlerOptions: { preloadModules },
  };
}

/** What the workers of all queues have in common. */
export const sharedOptions = ({
  connection,
  namespace,
  shutdownGraceMs = 10_000,
}: Pick<WorkflowWorkerSettings, 'connection' | 'namespace' | 'shutdownGraceMs'>) => ({
  connection,
  namespace,
  shutdownGraceTime: shutdownGraceMs,
  shutdownForceTime: shutdownGraceMs + 5_000,
});

/**
 * The worker of the workflow queue; it takes no work before it runs. Its code loads on a thread of its own for a third of a
 * second: created first, it is ready when the activities are, and a worker that takes over loses no time.
 */
export function createWorkflowWorker(settings: WorkflowWorkerSettings): Promise<Worker> {
  return Worker.create({
    ...sharedOptions(settings),
    ...workflowSource(settings.workflowBundle),
    taskQueue: taskQueues(settings.environment).workflow,
    stickyQueueScheduleToStartTimeout: stickyTimeoutMs,
    maxCachedWorkflows: settings.cachedReleases ?? 2_000,
    maxConcurrentWorkflowTaskPolls: 5,
  });
}
