import type { Plan } from '../core/plan/plan';
import type { ContractState } from '../core/release/contract-state';
import type { Explanation } from '../core/release/explain';
import { queryTimeoutMs } from '../core/release/query-timeouts';
import { messageNames } from '../core/release/messages';
import type { JournalEntry, ReleaseState } from '../core/release/state';
import { ClientError } from './client-error';
import { noWorker } from './faults';
import { readReleaseId } from './release-id';
import { call, type Temporal } from './temporal';
import { hasWorker } from './workers';

const patienceMs = 5_000;

/** Asks a release, again and again while its worker is busy; a worker of its environment has to answer. */
async function ask<T>(temporal: Temporal, workflowId: string, query: string): Promise<T> {
  const { environment } = readReleaseId(workflowId);
  for (const endMs = performance.now() + patienceMs; ;) {
    try {
      return await call(temporal, { workflowId, waitMs: queryTimeoutMs }, () =>
        temporal.client.workflow.getHandle(workflowId).query<T>(query),
      );
    } catch (error) {
      if (!(error instanceof ClientError && error.code === 'timed-out')) throw error;
      if (performance.now() < endMs) continue;
      if (await hasWorker(temporal, environment)) throw error;
      throw noWorker(environment, 'the release stands still and cannot answer', error);
    }
  }
}

export const createQueries = (temporal: Temporal) => ({
  state: (workflowId: string): Promise<ReleaseState> => ask(temporal, workflowId, messageNames.state),
  planOf: (workflowId: string): Promise<Plan | null> => ask(temporal, workflowId, messageNames.plan),
  journal: (workflowId: string): Promise<readonly JournalEntry[]> => ask(temporal, workflowId, messageNames.journal),
  explain: (workflowId: string): Promise<Explanation> => ask(temporal, workflowId, messageNames.explain),
  contractState: (workflowId: string): Promise<ContractState> => ask(temporal, workflowId, messageNames.state),
});
