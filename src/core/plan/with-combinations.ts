import { isAllExercised } from '../combinations/judge-combinations';
import type { Combinations } from '../combinations/setting';
import { plural } from '../plural';
import type { Policy } from '../policy/schema';
import type { CompiledPlan } from './compile';
import { policyGatePrefix, requiredGate } from './gates';
import type { Plan } from './plan';
import type { Refusal } from './refusal';
import type { GateRule, Stage } from './stages';

const mostNamed = 3;

/**
 * The plan with what is known of its combinations. Where one was never exercised, it waits for people or is refused, if
 * the policy says so.
 */
export function withCombinations(plan: Plan, combinations: Combinations, policy: Policy): CompiledPlan {
  const known: Plan = { ...plan, combinations };
  if (combinations.answer === 'show' || isAllExercised(combinations)) return { ok: true, plan: known };
  if (combinations.answer === 'refuse') return { ok: false, refusals: [unexercised(combinations, policy)] };
  const refusals: Refusal[] = [];
  const refuse = (refusal: Refusal): undefined => void refusals.push(refusal);
  const rule = requiredGate(policy.combinations, `${policyGatePrefix}combinations`, policy, refuse);
  if (refusals.length > 0) return { ok: false, refusals };
  return { ok: true, plan: { ...known, stages: gated(plan.stages, { ...rule, reason: countText(combinations) }) } };
}

/** Before the settings are set: from there on everybody has the flags, whoever is sent to the canary. No login is open meanwhile. */
function gated(stages: readonly Stage[], gate: GateRule): readonly Stage[] {
  const stage = { kind: 'gate', id: `gate-${gate.name}`, title: `Wait for approval \`${gate.name}\``, gate } as const;
  const first = stages.findIndex(({ id }) => id === 'rotate' || id === 'configure');
  return first === -1 ? stages : [...stages.slice(0, first), stage, ...stages.slice(first)];
}

const countText = ({ unexercised: { count }, notKnown }: Combinations): string =>
  count === 0
    ? (notKnown[0] ?? '')
    : `${plural(count, 'combination')} of flags and configuration ${count === 1 ? 'was' : 'were'} never exercised`;

function unexercised(combinations: Combinations, policy: Policy): Refusal {
  const { count, shown } = combinations.unexercised;
  const named = shown.slice(0, mostNamed).join(' ');
  const more = count > mostNamed ? ` And ${count - mostNamed} more.` : '';
  const why = combinations.notKnown.join(' ');
  return {
    code: 'combination-unexercised',
    kind: 'denied',
    message: `Policy \`${policy.name}\` refuses it: ${[`${countText(combinations)}.`, `${named}${more}`, why].filter((text) => text !== '').join(' ')}`,
    fix: 'Release these settings one after the other, or have the policy put them to people (`combinations: { unexercised: gate }`).',
  };
}
