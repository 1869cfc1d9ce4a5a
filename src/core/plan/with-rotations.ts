import type { CompiledPlan } from './compile';
import type { Effect } from './effects';
import type { Plan } from './plan';
import type { Refusal } from './refusal';
import { planRollback } from './rollback-plan';
import type { NamedLogin, Rotation } from './rotation';
import type { Stage } from './stages';

type Settled = Rotation & { readonly from: string; readonly to: string };

/** The plan with its rotations as effects, once it is known which login of each is in use; as it is where it has none. */
export function withRotations(plan: Plan, named: { readonly [target: string]: NamedLogin }): CompiledPlan {
  const { rotations = [] } = plan;
  if (rotations.length === 0) return { ok: true, plan };
  const refusals: Refusal[] = [];
  const settled = rotations.flatMap((rotation): readonly Settled[] => {
    const found = settle(rotation, named[rotation.target]);
    if ('from' in found) return [found];
    refusals.push(found);
    return [];
  });
  if (refusals.length > 0) return { ok: false, refusals };
  const effects = settled.reduce(addEffects(plan), plan.effects);
  const contract = [...plan.contract, ...settled.map((rotation) => revoke(rotation, plan))];
  const stages = addStages(plan.stages, effects);
  const warnings = [...plan.warnings, ...settled.map(warning)];
  return { ok: true, plan: { ...plan, effects, stages, contract, rollback: planRollback(effects), warnings } };
}

function settle(rotation: Rotation, named: NamedLogin | undefined): Settled | Refusal {
  const { target, configuration, setting, logins } = rotation;
  const where = `\`${setting}\` in the baseline's configuration at \`${configuration}\``;
  if (named === undefined || 'fault' in named)
    return {
      code: 'login-not-known',
      kind: 'denied',
      message: `Which login of \`${target}\` is in use is not known: ${named?.fault ?? 'nobody asked'}`,
      fix: `Mend \`${configuration}\`, then start again.`,
    };
  const { login } = named;
  const to = logins.find((other) => other !== login);
  if (typeof login === 'string' && logins.includes(login) && to !== undefined) return { ...rotation, from: login, to };
  const isText = typeof login === 'string' || typeof login === 'number' || typeof login === 'boolean';
  return {
    code: 'login-unknown',
    kind: 'invalid',
    message: `${where} ${login === undefined ? 'is not there' : `is ${isText ? `\`${String(login)}\`` : 'no text'}`}; it has to name the login of \`${target}\` that is in use, ${logins.map((each) => `\`${each}\``).join(' or ')}.`,
    fix: `Set it to the login that the service uses now, or correct \`setting\`.`,
  };
}

/** First the new login is good, then the canary's configuration names it. */
const addEffects =
  (plan: Plan) =>
  (effects: readonly Effect[], { target, configuration, setting, from, to }: Settled): readonly Effect[] => {
    const at = effects.findIndex(({ kind }) => kind !== 'migrate' && kind !== 'rotate');
    const rotate = {
      kind: 'rotate',
      key: `rotate/${target}`,
      target,
      login: to,
      from,
      ...digestOf(plan, target),
    } as const;
    // Each release of a service with credentials has its configuration among its effects.
    const set = (effect: Effect): Effect =>
      effect.kind === 'configure' && effect.target === configuration
        ? { ...effect, set: { ...effect.set, [setting]: to } }
        : effect;
    return [...effects.slice(0, at), rotate, ...effects.slice(at).map(set)];
  };

const digestOf = ({ targetDigests }: Plan, target: string): { readonly targetDigest?: string } => {
  const targetDigest = targetDigests[target];
  return targetDigest === undefined ? {} : { targetDigest };
};

const revoke = ({ target, configuration, setting, from, rule }: Settled, plan: Plan): Effect => ({
  kind: 'revoke',
  key: `revoke/${target}`,
  target,
  login: from,
  named: { configuration, setting, traffic: plan.targets.traffic },
  rule,
  ...digestOf(plan, target),
});

function addStages(stages: readonly Stage[], effects: readonly Effect[]): readonly Stage[] {
  const rotate = effects.filter(({ kind }) => kind === 'rotate').map(({ key }) => key);
  const added = { kind: 'apply', id: 'rotate', title: 'Make the new login valid', effects: rotate } as const;
  return stages.flatMap((stage): readonly Stage[] => (stage.id === 'configure' ? [added, stage] : [stage]));
}

const warning = ({ target, from, to }: Settled): string =>
  `Contract revokes login ${from} of ${target}: whoever still uses it then, and not ${to}, is shut out.`;
