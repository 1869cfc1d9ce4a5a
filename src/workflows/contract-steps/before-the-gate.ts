import { causeOf, isActivityFault } from '../faults';
import { awaitDecision } from './await-decision';
import { decline, hold, isUnwanted, safetyOf, to, type Contract, type Next } from './contract';
import { findBlockers, findDifference } from './find-blockers';

/** How soon a restore point is made again at the earliest. */
const firstRetryMs = 60_000;

export async function waitForQuiet(contract: Contract): Promise<Next> {
  const { state, change } = contract;
  if (isUnwanted(contract)) return decline(contract);
  const blocked = await findBlockers(contract, 'told');
  if (blocked === undefined) {
    change(to(state(), { phase: 'MakingRestorePoint' }, { step: 'restore-point' }));
    return 'go';
  }
  const summary = 'look again who needs the old form';
  return hold(contract, { ...blocked, phase: 'WaitingForQuiet', tell: 'held', summary });
}

async function takeRestorePoints({ sealed, permit, activities, state, change }: Contract): Promise<void> {
  const points = [];
  for (const part of sealed.contract) {
    const options = { summary: `restore point of ${part.effect.key}` };
    points.push(...(await activities.effects.takeRestorePoint.executeWithOptions(options, [{ permit, sealed: part }])));
  }
  change({ ...state(), safety: { ...safetyOf(state()), restorePoints: points } });
}

/** Why there is no restore point of a sound form yet; undefined once there is. */
async function tryRestorePoints(contract: Contract): Promise<string | undefined> {
  try {
    const difference = await findDifference(contract);
    if (difference === undefined) await takeRestorePoints(contract);
    return difference;
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    return causeOf(error).message;
  }
}

export async function makeRestorePoint(contract: Contract): Promise<Next> {
  const { state, change, news } = contract;
  if (isUnwanted(contract)) return decline(contract);
  const why = await tryRestorePoints(contract);
  if (why !== undefined) {
    const againInMs = Math.max(firstRetryMs, safetyOf(state()).rule.checkEveryMs);
    return hold(contract, { why, againInMs, tell: 'held', summary: 'make the restore point again' });
  }
  const nowMs = Date.now();
  const { timeoutMs, remindEveryMs } = state().gate;
  const gate = {
    openedAtMs: nowMs,
    deadlineMs: nowMs + timeoutMs,
    remindAtMs: nowMs + remindEveryMs,
    approvals: [],
  };
  // What the gate shows is frozen here: only an approval from now on counts.
  change(to(state(), { phase: 'WaitingForApproval', ...gate }, { step: 'gate' }));
  news.tell('gate', state());
  return 'go';
}

export async function waitAtGate(contract: Contract): Promise<Next> {
  const { state, change } = contract;
  const decision = await awaitDecision(contract);
  if (decision === 'continue') return 'continue';
  if (decision === 'expired' || isUnwanted(contract)) return decline(contract);
  change(to(state(), { phase: 'Contracting' }, { step: 'rename' }));
  return 'go';
}
