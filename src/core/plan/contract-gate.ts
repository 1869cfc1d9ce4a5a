import type { Descriptor } from '../descriptor/schema';
import type { Policy } from '../policy/schema';
import { dataStewards, stewardRole } from './data-stewards';
import { compileGate, refuseTooFew } from './gates';
import type { Refuse } from './refusal';
import type { GateRule } from './stages';

/** The gate of contract. Where there is a data steward, nobody else opens it, and no other role may be named. */
export function compileContractGate(descriptor: Descriptor, policy: Policy, refuse: Refuse): GateRule {
  const gate = descriptor.contractGate;
  const members = dataStewards(descriptor, policy);
  if (members.length === 0 && !Object.hasOwn(policy.roles, stewardRole))
    return compileGate('contract', gate, policy, refuse);
  const others = (gate.from ?? []).filter((role) => role !== stewardRole);
  if (others.length > 0)
    refuse({
      code: 'policy-floor',
      kind: 'denied',
      message: `\`contractGate\` lets ${others.join(' and ')} approve; that is left to the data steward alone.`,
      fix: 'Leave `from` out under `contractGate`.',
    });
  if (Object.hasOwn(policy.roles, stewardRole))
    return compileGate('contract', { ...gate, from: [stewardRole] }, policy, refuse);
  refuseTooFew('contract', gate.approvals, members, refuse);
  return { ...compileGate('contract', { ...gate, from: undefined }, policy, refuse), members };
}
