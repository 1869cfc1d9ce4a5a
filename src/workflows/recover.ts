import { upsertMemo } from '@temporalio/workflow';
import type { RecoverRequest, StartRequest } from '../core/release/messages';
import { causeOf, isActivityFault } from './faults';
import type { Parts } from './parts';

export const isRecovery = (request: unknown): request is RecoverRequest =>
  typeof request === 'object' &&
  request !== null &&
  'recover' in request &&
  typeof request.recover === 'object' &&
  request.recover !== null;

const whyOf = ({ why }: RecoverRequest): string =>
  typeof why === 'string' && why.trim() !== '' ? why.slice(0, 2_000) : 'no reason given';

/** Takes up a release that its own run can no longer bring back; from here on it rolls back. False when it may not. */
export async function recoverOrRefuse({ run, publisher }: Parts, request: RecoverRequest): Promise<boolean> {
  const { firstRunId } = request.recover;
  const options = { summary: 'find the release, check its seal and whether it may go back' };
  const input = typeof firstRunId === 'string' ? { firstRunId } : {};
  try {
    const found = await run.activities.undo.openRecovery.executeWithOptions(options, [input]);
    if (!found.ok) {
      run.record({ type: 'refused', refusals: found.refusals });
      return false;
    }
    const { state, from, grant, lastSeq } = found;
    const by = run.state().requestedBy;
    run.backlog.followChain(lastSeq);
    run.record({ type: 'recovered', state, from, grant, isJournalWhole: from === 'history', by, why: whyOf(request) });
    const { plan, seal } = run.sealed();
    upsertMemo({ planDigest: seal.planDigest, owners: plan.owners, version: plan.version });
    publisher.flush();
    return true;
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    const fix = 'Mend what the message names (`spillway doctor` shows all targets), then recover again.';
    run.record({
      type: 'refused',
      refusals: [{ code: 'target-refuses', kind: 'denied', message: causeOf(error).message, fix }],
    });
    return false;
  }
}

/** The request as a new run needs it: the bundle is compiled already and would only make the history longer. */
export const withoutBundle = (request: StartRequest | RecoverRequest): StartRequest | RecoverRequest =>
  isRecovery(request)
    ? request
    : { ...request, bundle: { descriptor: { path: request.bundle.descriptor.path, text: '' }, files: [] } };
