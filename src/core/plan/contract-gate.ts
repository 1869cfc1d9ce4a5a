import type { Descriptor } from '../descriptor/schema';
import type { Policy } from '../policy/schema';
import { compileGate } from './gates';
import type { Refuse } from './refusal';
import type { GateRule } from './stages';

/**
 * The gate of contract. Where the policy has the role of its data steward, only its members open it: left out, `from` is that
 * role, and no other role may be named beside it.
 */
export function compileContractGate(gate: Descriptor['contractGate'], policy: Policy, refuse: Refuse): GateRule {
  const { steward } = policy.contract;
  if (!Object.hasOwn(policy.roles, steward)) return compileGate('contract', gate, policy, refuse);
  const others = (gate.from ?? []).filter((role) => role !== steward);
  if (others.length > 0)
    refuse({
      code: 'policy-floor',
      kind: 'denied',
      message: `\`contractGate\` lets ${others.join(' and ')} approve; policy \`${policy.name}\` leaves that to ${steward} alone.`,
      fix: `Write \`from: [${steward}]\` under \`contractGate\`, or leave \`from\` out.`,
    });
  return compileGate('contract', { ...gate, from: [steward] }, policy, refuse);
}
