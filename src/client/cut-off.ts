import type { ListFilter, ReleaseRow } from './list';
import { listReleases } from './list';
import { call, type Temporal } from './temporal';

/** A run that Temporal ended from outside: what it had changed is still there until somebody recovers it. */
export type CutOff = {
  readonly status: 'terminated' | 'timed out' | 'cancelled';
  readonly by?: string;
  readonly reason?: string;
};

const names: { readonly [status: string]: CutOff['status'] } = {
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
  CANCELLED: 'cancelled',
};
const closeEvent = 2; // HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT of Temporal's API

/** How the newest run was cut off; undefined when it runs or came to its end by itself. */
export async function readCutOff(temporal: Temporal, workflowId: string): Promise<CutOff | undefined> {
  const { client, settings } = temporal;
  return call(temporal, { workflowId }, async () => {
    const { runId, status: found } = await client.workflow.getHandle(workflowId).describe();
    const status = names[found.name];
    if (status === undefined) return undefined;
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: settings.namespace,
      execution: { workflowId, runId },
      historyEventFilterType: closeEvent,
    });
    const { identity, reason } = history?.events?.at(-1)?.workflowExecutionTerminatedEventAttributes ?? {};
    const text = (value: string | null | undefined) => (value === '' || value === null ? undefined : value);
    const [by, why] = [text(identity), text(reason)];
    return { status, ...(by === undefined ? {} : { by }), ...(why === undefined ? {} : { reason: why }) };
  });
}

const endings = ['Promoted', 'RolledBack', 'Aborted'];

/** Releases whose newest word is that Temporal ended them from outside. */
export async function listCutOff(temporal: Temporal, filter: ListFilter): Promise<readonly ReleaseRow[]> {
  const rows = await listReleases(temporal, { ...filter, kind: 'release', isOpen: 'cut-off' });
  const newest = [...new Map([...rows].reverse().map((row) => [row.workflowId, row])).values()].reverse();
  const left = await Promise.all(
    newest.map(async (row) => {
      const { environment, service } = row;
      const all = await listReleases(temporal, { environment, service, isOpen: 'any' });
      const isOver = all.some(
        ({ startedAtMs, status, phase = '' }) =>
          startedAtMs > row.startedAtMs && (status === 'RUNNING' || endings.includes(phase)),
      );
      return isOver ? [] : [row];
    }),
  );
  return left.flat();
}

/** What happened and what to do, in one sentence. */
export function sayCutOff(workflowId: string, { status, by, reason }: CutOff): string {
  const [, environment = '', service = ''] = workflowId.split('/');
  const who = by === undefined ? '' : ` by ${by}`;
  const why = reason === undefined ? '' : ` (${reason.replace(/\.$/, '')})`;
  return `Its workflow was ${status} in Temporal${who}${why}: nothing undoes what it had changed. Bring it back: spillway recover ${environment}/${service} --why "…".`;
}
