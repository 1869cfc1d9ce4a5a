import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import { knownNames } from '../nearest-name';
import type { Policy } from '../policy/schema';
import type { Refuse } from './refusal';
import type { GateRule } from './stages';

type GateText = Descriptor['gates'][string];
type RequiredGate = Pick<Policy['requiredGates'][number], 'approvals' | 'from'>;

/** Gates that the policy adds are named by this prefix; a descriptor may not use it. */
export const policyGatePrefix = 'policy-';

/** A gate with its roles resolved to people, frozen with the plan. */
export function compileGate(name: string, gate: GateText, policy: Policy, refuse: Refuse): GateRule {
  const members = gate.from === undefined ? undefined : membersOf(name, gate.from, policy, refuse);
  if (members !== undefined) refuseTooFew(name, gate.approvals, members, refuse);
  return {
    name,
    approvals: gate.approvals,
    ...(gate.from === undefined || members === undefined ? {} : { from: gate.from, members }),
    requesterMayApprove: policy.approvals.requesterMayApprove,
    timeoutMs: durationMs(gate.timeout),
    remindEveryMs: durationMs(gate.remindEvery),
    onTimeout: gate.onTimeout,
  };
}

/** Refuses a gate that asks for more people than may open it. */
export function refuseTooFew(name: string, approvals: number, members: readonly string[], refuse: Refuse): void {
  if (members.length >= approvals) return;
  refuse({
    code: 'too-few-approvers',
    kind: 'invalid',
    message: `Gate \`${name}\` asks for ${approvals} approvals, and its roles hold ${members.length === 1 ? '1 person' : `${members.length} people`}: it could never open.`,
    fix: 'Ask for fewer approvals, name more roles in `from`, or have members added to the roles in the policy.',
  });
}

function membersOf(
  gate: string,
  from: readonly string[],
  policy: Policy,
  refuse: Refuse,
): readonly string[] | undefined {
  const unknown = from.filter((role) => !Object.hasOwn(policy.roles, role));
  for (const role of unknown) {
    refuse({
      code: 'unknown-role',
      kind: 'invalid',
      message: `Gate \`${gate}\` names role \`${role}\`, which policy \`${policy.name}\` does not have. ${knownNames(role, Object.keys(policy.roles))}`,
      fix: `Name a known role in \`from\`, or have \`${role}\` added under \`roles\` of the policy.`,
    });
  }
  if (unknown.length > 0) return undefined;
  return [...new Set(from.flatMap((role) => policy.roles[role] ?? []))].sort();
}

/** The gate that a requirement of the policy adds where the descriptor has none that is as strict. */
export function requiredGate(required: RequiredGate, name: string, policy: Policy, refuse: Refuse): GateRule {
  const gate = { timeout: '4h', remindEvery: '30m', onTimeout: 'roll-back' } as const;
  return compileGate(name, { ...gate, approvals: required.approvals, from: required.from }, policy, refuse);
}

/** Whether a gate asks for at least as many people, from no wider a circle. */
export function isAsStrict(gate: GateText | undefined, required: RequiredGate): boolean {
  if (gate === undefined || gate.approvals < required.approvals) return false;
  const { from } = required;
  return from === undefined || (gate.from?.every((role) => from.includes(role)) ?? false);
}
