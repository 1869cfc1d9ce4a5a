import { queryTimeoutMs } from '../core/release/query-timeouts';
import { ClientError } from './client-error';
import { noWorker } from './faults';
import { readReleaseId } from './release-id';
import { call, type Temporal } from './temporal';
import { hasWorker } from './workers';

const patienceMs = 5_000;

/** Asks a release by a query, again and again while its worker is busy: for what its memo does not show (ADR 0018). */
export async function ask(temporal: Temporal, workflowId: string, query: string): Promise<unknown> {
  const { environment } = readReleaseId(workflowId);
  for (const endMs = performance.now() + patienceMs; ;) {
    try {
      return await call(temporal, { workflowId, waitMs: queryTimeoutMs }, () =>
        temporal.client.workflow.getHandle(workflowId).query<unknown>(query),
      );
    } catch (error) {
      if (!(error instanceof ClientError && error.code === 'timed-out')) throw error;
      if (performance.now() < endMs) continue;
      if (await hasWorker(temporal, environment)) throw error;
      throw noWorker(environment, 'the release stands still and cannot answer', error);
    }
  }
}
