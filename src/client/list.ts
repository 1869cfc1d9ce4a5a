import { defineSearchAttributeKey } from '@temporalio/common';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { ClientError } from './client-error';
import { isName, parseReleaseId, type ReleaseId } from './release-id';
import { call, type Temporal } from './temporal';

export type ListFilter = {
  readonly environment?: string | undefined;
  readonly service?: string | undefined;
  /** Running ones only when left out; `cut-off`: those that Temporal ended from outside. */
  readonly isOpen?: boolean | 'any' | 'cut-off';
  readonly kind?: 'release' | 'contract' | 'any';
  /** Newest first; 100 when left out. */
  readonly limit?: number;
};

/** One release or contract, as Temporal's index knows it: no worker is asked. */
export type ReleaseRow = ReleaseId & {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: WorkflowExecutionInfo['status']['name'];
  readonly version?: string;
  readonly requestedBy?: string;
  readonly phase?: string;
  readonly stage?: string;
  readonly verdict?: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
};

const key = (name: string) => defineSearchAttributeKey(`Spillway${name}`, 'KEYWORD');
const keys = { phase: key('Phase'), stage: key('Stage'), verdict: key('Verdict') };

function checkName(what: string, name: string): string {
  if (isName(name)) return name;
  throw new ClientError(
    'invalid',
    `${JSON.stringify(name)} is no name of a ${what}: write lower-case letters, digits and dashes.`,
  );
}

/** The query of Temporal's index. */
function listQuery({ environment, service, isOpen = true, kind = 'release' }: ListFilter): string {
  const types = kind === 'any' ? `(WorkflowType = 'release' OR WorkflowType = 'contract')` : `WorkflowType = '${kind}'`;
  return [
    types,
    ...(isOpen === 'any' ? [`ExecutionStatus != 'ContinuedAsNew'`] : []),
    ...(isOpen === 'cut-off' ? [`ExecutionStatus IN ('Terminated', 'TimedOut', 'Canceled')`] : []),
    ...(isOpen === true ? [`ExecutionStatus = 'Running'`] : []),
    ...(isOpen === false ? [`ExecutionStatus != 'Running' AND ExecutionStatus != 'ContinuedAsNew'`] : []),
    // A contract is started by its release and carries no attributes of its own, so its id is asked for.
    ...(kind === 'release' && environment !== undefined
      ? [`SpillwayEnvironment = '${checkName('environment', environment)}'`]
      : []),
    ...(kind === 'release' && service !== undefined ? [`SpillwayService = '${checkName('service', service)}'`] : []),
    ...(kind === 'contract' && environment !== undefined
      ? [`WorkflowId STARTS_WITH 'contract/${checkName('environment', environment)}/'`]
      : []),
  ].join(' AND ');
}

const textOf = (memo: WorkflowExecutionInfo['memo'], name: string): string | undefined => {
  const value = memo?.[name];
  return typeof value === 'string' ? value : undefined;
};

function rowOf(info: WorkflowExecutionInfo): ReleaseRow | undefined {
  const id = parseReleaseId(info.workflowId);
  if (id === undefined) return undefined;
  const optional = {
    version: textOf(info.memo, 'version'),
    requestedBy: textOf(info.memo, 'requestedBy'),
    phase: info.typedSearchAttributes.get(keys.phase),
    stage: info.typedSearchAttributes.get(keys.stage),
    verdict: info.typedSearchAttributes.get(keys.verdict),
    endedAtMs: info.closeTime?.getTime(),
  };
  return {
    ...id,
    workflowId: info.workflowId,
    runId: info.runId,
    status: info.status.name,
    startedAtMs: info.startTime.getTime(),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** Releases and contracts by Temporal's index, newest first; what started in the last instant may be missing. */
export async function listReleases(temporal: Temporal, filter: ListFilter = {}): Promise<readonly ReleaseRow[]> {
  const query = listQuery(filter);
  const limit = filter.limit ?? 100;
  return call(temporal, {}, async () => {
    const rows: ReleaseRow[] = [];
    for await (const info of temporal.client.workflow.list({ query, pageSize: Math.min(limit, 1_000) })) {
      const row = rowOf(info);
      const isWanted =
        row !== undefined &&
        (filter.environment === undefined || row.environment === filter.environment) &&
        (filter.service === undefined || row.service === filter.service);
      if (isWanted) rows.push(row);
      if (rows.length >= limit) break;
    }
    return rows;
  });
}
