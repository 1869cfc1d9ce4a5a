import { Client, Connection } from '@temporalio/client';
import { abortRelease, type AbortOrder } from './abort';
import { resolveConnection, type ConnectOptions } from './connection-settings';
import { listCutOff, readCutOff } from './cut-off';
import { createDecisions } from './decide';
import { toClientError, unreachable } from './faults';
import { followRelease, type FollowOptions } from './follow';
import { listReleases, type ListFilter } from './list';
import { askForPlan, type PlanQuestion } from './plan';
import { createReads } from './reads';
import { newestContract, resolveRelease } from './resolve';
import { recoverRelease, type RecoverInput } from './recover';
import { readReport, waitForReport, type ResultOptions } from './result';
import { readNamespace } from './set-up';
import { readSight } from './sight';
import { startRelease, type StartInput } from './start';
import { uiUrlOf } from './start-run';
import type { Temporal } from './temporal';
import { hasWorker, listPollers } from './workers';

const connectTimeoutMs = 5_000;

/** Everything that can be asked of releases; faults are {@link ClientError}s in plain words. */
export function createClient(temporal: Temporal) {
  const reads = createReads(temporal);
  const { state, planOf, journal, explain, sentence, contractState } = reads;
  return {
    address: temporal.settings.address,
    namespace: temporal.settings.namespace,
    state,
    planOf,
    journal,
    explain,
    sentence,
    contractState,
    /** State, what the watch last told, and why it stands where nobody runs it. */
    sight: (workflowId: string) => readSight(temporal, reads, workflowId),
    /** Whether any worker runs the releases of an environment. */
    hasWorker: (environment: string) => hasWorker(temporal, environment),
    ...createDecisions(temporal),
    start: (input: StartInput) => startRelease(temporal, input),
    recover: (input: RecoverInput) => recoverRelease(temporal, input),
    plan: (input: PlanQuestion) => askForPlan(temporal, input),
    list: (filter?: ListFilter) => listReleases(temporal, filter),
    abort: (workflowId: string, order: AbortOrder, waitMs?: number) =>
      abortRelease(temporal, workflowId, order, waitMs),
    /** Releases that Temporal ended from outside and that nobody has brought back since. */
    listCutOff: (filter: ListFilter = {}) => listCutOff(temporal, filter),
    /** How the newest run of a release was ended from outside; undefined when it was not. */
    cutOff: (workflowId: string) => readCutOff(temporal, workflowId),
    result: (workflowId: string, options?: ResultOptions) => waitForReport(temporal, workflowId, options),
    /** The report of a release that has ended; undefined while it runs. */
    report: (workflowId: string, firstRunId?: string) => readReport(temporal, workflowId, { firstRunId }),
    follow: (workflowId: string, options?: FollowOptions) => followRelease(temporal, workflowId, options),
    /** The workflow id meant by a service, `environment/service` or a whole id. */
    resolve: (said: string, environment?: string) => resolveRelease(temporal, said, environment),
    /** The newest contract of the release's service, open or over. */
    newestContract: (workflowId: string) => newestContract(temporal, workflowId),
    pollers: (environment: string) => listPollers(temporal, environment),
    readNamespace: () => readNamespace(temporal),
    uiUrl: (workflowId: string, runId: string) => uiUrlOf(temporal, workflowId, runId),
    close: (): Promise<void> => temporal.client.connection.close(),
  };
}

export type SpillwayClient = ReturnType<typeof createClient>;

/** Connects as Temporal's own command line does: options, then `TEMPORAL_*`, then the profile. */
export async function connectClient(options: ConnectOptions = {}): Promise<SpillwayClient> {
  const settings = resolveConnection(options);
  const connection = await Connection.connect({ ...settings.connection, connectTimeout: connectTimeoutMs }).catch(
    (error: unknown) => {
      const known = toClientError(error, settings, {});
      throw known === error ? unreachable(settings, error) : known;
    },
  );
  return createClient({ client: new Client({ connection, namespace: settings.namespace }), settings });
}
