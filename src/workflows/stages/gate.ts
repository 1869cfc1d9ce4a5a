import { explain, gateNeed } from '../../core/release/explain';
import type { Stage } from '../../core/plan/stages';
import type { Run } from '../run';
import { waitFor } from '../wait';

/** Opens a gate and waits for people; guardrails and abort go on working meanwhile. */
export async function runGate(
  run: Run,
  { gate }: Extract<Stage, { kind: 'gate' }>,
  flush: () => void,
): Promise<string> {
  if (run.state().gates[gate.name] === undefined) {
    run.record({ type: 'gate-opened', gate: gate.name, deadlineMs: Date.now() + gate.timeoutMs });
    run.notify('gate', `gate/${gate.name}`, explain(run.state()).sentence);
    flush();
  }
  const given = () => run.state().gates[gate.name]?.approvals ?? [];
  const isOpen = (): boolean => given().length >= gate.approvals && run.state().paused === undefined;
  for (;;) {
    const { deadlineMs = 0, reminders = 0 } = run.state().gates[gate.name] ?? {};
    const leftMs = deadlineMs - Date.now();
    const isLate = leftMs <= 0;
    if (isLate && gate.onTimeout === 'roll-back')
      run.record({
        type: 'failed',
        failure: { code: 'GateExpired', reason: `gate ${gate.name} got no ${gateNeed(gate, given().length)} in time` },
      });
    const waitMs = isLate ? gate.remindEveryMs : Math.min(gate.remindEveryMs, leftMs);
    if (await waitFor(run, isOpen, waitMs, `gate ${gate.name}: remind or expire`)) break;
    run.record({ type: 'gate-reminded', gate: gate.name, escalated: isLate });
    run.notify('gate', `gate/${gate.name}/reminder-${reminders + 1}`, explain(run.state()).sentence);
    flush();
  }
  return `approved by ${given()
    .map(({ by }) => by)
    .join(', ')}`;
}
