import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { TemporalPorts } from './activities/ports';
import { describeRun } from './worker-runs';
import { temporalRuns } from './worker-run-chain';

export type ConnectionSettings = {
  readonly profile?: string | undefined;
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
};

/** Connection settings as Temporal's own command line reads them: flags over environment over profile. */
export async function connectWorker({ profile, address, namespace }: ConnectionSettings) {
  const config = loadClientConnectConfig(profile === undefined ? {} : { profile });
  const options = { ...config.connectionOptions, ...(address === undefined ? {} : { address }) };
  const connection = await NativeConnection.connect(options);
  return {
    connection,
    namespace: namespace ?? config.namespace ?? 'default',
    address: options.address ?? '127.0.0.1:7233',
  };
}

/** What activities need of Temporal itself. */
export function temporalPorts(connection: NativeConnection, namespace: string): TemporalPorts {
  const client = new Client({ connection, namespace });
  return {
    describeRun: (workflowId, runId) => describeRun(client, workflowId, runId),
    runs: temporalRuns(connection, namespace),
    signalRelease: (workflowId, signal, payload) => client.workflow.getHandle(workflowId).signal(signal, payload),
    async resetStickyQueue(workflowId, runId) {
      await client.workflowService.resetStickyTaskQueue({ namespace, execution: { workflowId, runId } });
    },
    async lastHeartbeat(workflowId, runId, activityType) {
      const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
      const pending = raw.pendingActivities?.find(({ activityType: type }) => type?.name === activityType);
      const payload = pending?.heartbeatDetails?.payloads?.[0];
      return payload === undefined || payload === null
        ? undefined
        : client.options.loadedDataConverter.payloadConverter.fromPayload(payload);
    },
  };
}

const wanted = ['SpillwayService', 'SpillwayEnvironment', 'SpillwayPhase', 'SpillwayStage', 'SpillwayVerdict'] as const;

/** Says in plain words which search attributes the namespace lacks; with one missing, every release would hang. */
export async function missingSearchAttributes(
  connection: NativeConnection,
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const keyword = 2; // INDEXED_VALUE_TYPE_KEYWORD of Temporal's API
  return wanted.filter((name) => Number(customAttributes?.[name]) !== keyword);
}
