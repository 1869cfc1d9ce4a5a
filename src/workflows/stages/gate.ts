import { explain, gateNeed } from '../../core/release/explain';
import type { GateRule, Stage } from '../../core/plan/stages';
import type { Run } from '../run';
import { waitFor, whileUnpaused } from '../wait';

/** Opens a gate and waits for people; guardrails and abort go on working meanwhile. */
export async function runGate(
  run: Run,
  { gate }: Extract<Stage, { kind: 'gate' }>,
  flush: () => void,
): Promise<string> {
  if (run.state().gates[gate.name] === undefined) {
    const pack = { planDigest: run.sealed().seal.planDigest, verdicts: run.state().watch?.verdicts ?? [] };
    run.record({ type: 'gate-opened', gate: gate.name, deadlineMs: Date.now() + gate.timeoutMs, pack });
    run.notify('gate', `gate/${gate.name}`, explain(run.state()).sentence);
    flush();
  }
  while (!isOpen(run, gate)) await waitForDecision(run, gate, flush);
  const given = run.state().gates[gate.name]?.approvals ?? [];
  return `approved by ${given.map(({ by }) => by).join(', ')}`;
}

const isPaused = (run: Run): boolean => run.state().paused !== undefined;

const isOpen = (run: Run, { name, approvals }: GateRule): boolean =>
  (run.state().gates[name]?.approvals.length ?? 0) >= approvals && !isPaused(run) && !isEvidenceGone(run);

// Approvals do not replace evidence: what was good when the gate opened may have gone missing since.
const isEvidenceGone = ({ state }: Run): boolean =>
  ['no-data', 'evidence', 'taken-out', 'baseline-silent', 'baseline-capacity'].includes(state().watch?.class ?? '');

/** Until the gate opens, the next reminder is due, or a pause begins or ends: its clock stands still meanwhile. */
async function waitForDecision(run: Run, gate: GateRule, flush: () => void): Promise<void> {
  if (isPaused(run)) return whileUnpaused(run);
  const { deadlineMs = 0, reminders = 0, approvals = [] } = run.state().gates[gate.name] ?? {};
  const leftMs = deadlineMs - Date.now();
  const isLate = leftMs <= 0;
  if (isLate && gate.onTimeout === 'roll-back')
    run.turnBack({
      code: 'GateExpired',
      reason: `gate ${gate.name} got no ${gateNeed(gate, approvals.length)} in time`,
    });
  const waitMs = isLate ? gate.remindEveryMs : Math.min(gate.remindEveryMs, leftMs);
  const isDecided = (): boolean => isOpen(run, gate) || isPaused(run);
  if (await waitFor(run, isDecided, waitMs, `gate ${gate.name}: remind or expire`)) return;
  const expiresNow = gate.onTimeout === 'roll-back' && deadlineMs <= Date.now();
  if (expiresNow) return;
  run.record({ type: 'gate-reminded', gate: gate.name, escalated: deadlineMs <= Date.now() });
  run.notify('gate', `gate/${gate.name}/reminder-${reminders + 1}`, explain(run.state()).sentence);
  flush();
}
