import { condition, patched } from '@temporalio/workflow';
import { isDecided } from '../../core/release/contract-state';
import type { Contract } from './contract';

type AtGate = Pick<Contract, 'state' | 'change' | 'mayContinue' | 'news'>;

/** `expired`: nobody decided in time, and the gate's rule is that both forms stay then. */
export type Decision = 'decided' | 'expired' | 'continue';

/** Until people decide about a contract. It is told again and again; what becomes of a gate that nobody opens in time its rule says. */
export async function awaitDecision(gate: AtGate): Promise<Decision> {
  const { state, mayContinue } = gate;
  // A gate that an older worker waits at closes without a reminder, as it was recorded.
  const isReminding = patched('contract-reminders');
  while (!isDecided(state())) {
    const { deadlineMs, gate: rule } = state();
    const isOnHold = isReminding && rule.onTimeout === 'hold';
    const remindAtMs = isReminding ? reminderOf(gate) : Infinity;
    const dueMs = Math.min(remindAtMs, isOnHold ? Infinity : deadlineMs);
    const isNews = await condition(() => isDecided(state()) || mayContinue(), Math.max(1, dueMs - Date.now()));
    if (isDecided(state())) break;
    if (isNews) return 'continue';
    if (!isReminding || (!isOnHold && Date.now() >= deadlineMs)) return 'expired';
    if (Date.now() >= remindAtMs) remind(gate);
  }
  return 'decided';
}

/** When it is told of again; kept, so that new runs do not put it off. */
function reminderOf({ state, change }: AtGate): number {
  const { gate, remindAtMs = Date.now() + gate.remindEveryMs } = state();
  if (state().remindAtMs === undefined) change({ ...state(), remindAtMs });
  return remindAtMs;
}

function remind({ state, change, news }: AtGate): void {
  change({ ...state(), remindAtMs: Date.now() + state().gate.remindEveryMs });
  news.tell('gate', state());
}
