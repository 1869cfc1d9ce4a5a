import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RollbackMode } from '../core/plan/plan';
import { messageNames, type AbortMessage } from '../core/release/messages';
import type { Phase } from '../core/release/state';
import { explain } from '../core/release/explain';
import { withoutCredentials } from '../core/secrets/credential-shapes';
import { ClientError } from './client-error';
import { noWorker } from './faults';
import type { Person } from './decide';
import { createReads } from './reads';
import { readReleaseId } from './release-id';
import { call, type Temporal } from './temporal';
import { hasWorker } from './workers';

/** `isActing`: the release has turned back. When false the order is recorded and acted on as soon as a worker runs. */
export type Aborted =
  | { readonly isActing: true; readonly phase: Phase; readonly sentence: string }
  | { readonly isActing: false; readonly sentence: string };

const turnedBack: readonly Phase[] = ['RollingBack', 'RollbackIncomplete', 'RolledBack', 'Aborted'];
const askEveryMs = 50;

/** A server that takes no more signals of this run, as it had too many, still takes a cancel: the same order, without a name. */
async function order(temporal: Temporal, workflowId: string, message: AbortMessage): Promise<void> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  try {
    await call(temporal, { workflowId }, () => handle.signal(messageNames.abort, message));
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'internal') throw error;
    await call(temporal, { workflowId }, () => handle.cancel());
  }
}

/** `mode` asks for a way back; as the plan says when it is left out. */
export type AbortOrder = Person & { readonly mode?: RollbackMode | undefined };

/** Orders the rollback: recorded by Temporal at once, then waits until the release says that it turns back. */
export async function abortRelease(
  temporal: Temporal,
  workflowId: string,
  { by, why, mode, id = randomUUID() }: AbortOrder,
  waitMs = 10_000,
): Promise<Aborted> {
  const { kind, environment } = readReleaseId(workflowId);
  if (kind === 'contract')
    throw new ClientError(
      'invalid',
      'A contract cannot be aborted: reject its gate before it starts; after that it only goes forward (`spillway retry`, `spillway waive`).',
    );
  const message: AbortMessage = { id, by, why: withoutCredentials(why), ...(mode === undefined ? {} : { mode }) };
  await order(temporal, workflowId, message);
  const deadlineMs = Date.now() + waitMs;
  const reads = createReads(temporal);
  let last = 'the release has not said yet that it turns back';
  while (Date.now() < deadlineMs) {
    try {
      const now = await reads.state(workflowId);
      const isHeard = turnedBack.includes(now.phase) && (mode !== 'emergency' || now.wayBack?.mode !== 'drain');
      if (isHeard) return { isActing: true, phase: now.phase, sentence: explain(now).sentence };
      if (now.endedAtMs !== undefined)
        throw new ClientError('ended', `The release ended before the abort reached it. ${explain(now).sentence}`);
    } catch (error) {
      // The order stands, whoever cannot answer for now.
      if (!(error instanceof ClientError) || !['no-worker', 'timed-out'].includes(error.code)) throw error;
      last = error.message;
    }
    await sleep(askEveryMs);
  }
  if (!(await hasWorker(temporal, environment))) last = noWorker(environment, 'nobody acts on it now').message;
  return { isActing: false, sentence: `The abort is recorded and will be acted on; ${last}` };
}
