import { condition, patched } from '@temporalio/workflow';
import { isDecided } from '../../core/release/contract-state';
import { causeOf, isActivityFault } from '../faults';
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
  const gate = { openedAtMs: nowMs, deadlineMs: nowMs + state().gate.timeoutMs, approvals: [] };
  const remindAtMs = nowMs + state().gate.remindEveryMs;
  // What the gate shows is frozen here: only an approval from now on counts.
  change(to(state(), { phase: 'WaitingForApproval', ...gate }, { step: 'gate', remindAtMs }));
  news.tell('gate', state());
  return 'go';
}

/** Until people decide. It is told again and again; what becomes of a gate that nobody opens in time its rule says. */
export async function waitAtGate(contract: Contract): Promise<Next> {
  // A gate that an older worker waits at closes without a reminder, as it was recorded.
  if (!patched('contract-reminders')) return waitAtSilentGate(contract);
  const { state, change, mayContinue } = contract;
  while (!isDecided(state())) {
    const { gate, deadlineMs } = state();
    const { remindAtMs = Date.now() + gate.remindEveryMs } = safetyOf(state());
    const isOnHold = gate.onTimeout === 'hold';
    const dueMs = isOnHold ? remindAtMs : Math.min(remindAtMs, deadlineMs);
    const options = { summary: 'remind of the gate, or close it' };
    const isNews = await condition(() => isDecided(state()) || mayContinue(), Math.max(1, dueMs - Date.now()), options);
    if (isDecided(state())) break;
    if (isNews) return 'continue';
    if (!isOnHold && Date.now() >= deadlineMs) return decline(contract);
    if (Date.now() >= remindAtMs) remind(contract);
  }
  if (state().declined !== undefined) return decline(contract);
  change(to(state(), { phase: 'Contracting' }, { step: 'rename' }));
  return 'go';
}

function remind({ state, change, news }: Contract): void {
  change(to(state(), {}, { remindAtMs: Date.now() + state().gate.remindEveryMs }));
  news.tell('gate', state());
}

async function waitAtSilentGate(contract: Contract): Promise<Next> {
  const { state, change, mayContinue } = contract;
  const leftMs = Math.max(1, state().deadlineMs - Date.now());
  const isInTime = await condition(() => isDecided(state()) || mayContinue(), leftMs);
  if (isInTime && !isDecided(state())) return 'continue';
  if (isUnwanted(contract) || !isDecided(state())) return decline(contract);
  change(to(state(), { phase: 'Contracting' }, { step: 'rename' }));
  return 'go';
}
