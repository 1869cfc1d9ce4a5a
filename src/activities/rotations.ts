import type { CompiledPlan } from '../core/plan/compile';
import type { Effect, Slot } from '../core/plan/effects';
import type { Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import type { NamedLogin, Rotation } from '../core/plan/rotation';
import { withRotations } from '../core/plan/with-rotations';
import { askWithin } from './ask-within';
import type { Ports } from './ports';
import { servingSlot } from './read-settings';

/** A plan is compiled within 5 seconds: what does not answer by then is not known. */
const compilePatienceMs = 2_500;

type Rotate = Extract<Effect, { kind: 'rotate' }>;

/** The login that the baseline's configuration names; undefined where the key is not there. */
async function readLogin(ports: Ports, { configuration, setting }: Rotation, baseline: Slot): Promise<unknown> {
  return (await ports.configuration(configuration).read(baseline, [setting])).get(setting);
}

/** The plan with its rotations settled: which login is in use the baseline's configuration says. */
export async function settleRotations(ports: Ports, plan: Plan): Promise<CompiledPlan> {
  const { rotations = [] } = plan;
  const read = async (rotation: Rotation): Promise<NamedLogin> => {
    const asked = await askWithin({ what: rotation.configuration, patienceMs: compilePatienceMs }, async () =>
      readLogin(ports, rotation, await servingSlot(ports, plan)),
    );
    return 'fault' in asked ? asked : { login: asked.answer };
  };
  const named = await Promise.all(rotations.map(async (each) => [each.target, await read(each)] as const));
  return withRotations(plan, Object.fromEntries(named));
}

async function refuseRotation(
  ports: Ports,
  { target, from, login }: Rotate,
  found: { readonly named: unknown },
): Promise<readonly Refusal[]> {
  if (found.named !== from)
    return [
      {
        code: 'plan-changed',
        kind: 'denied',
        message: `The baseline's configuration no longer names login \`${from}\` of \`${target}\`, as it did when the plan was made.`,
        fix: 'Find out who changes it, then start again.',
      },
    ];
  const port = ports.credentials(target);
  const [old, free, mark] = [await port.state(from), await port.state(login), await port.mark(login)];
  if (old !== 'open')
    return [
      {
        code: 'login-not-open',
        kind: 'denied',
        message: `Login \`${from}\` of \`${target}\` is named by the baseline's configuration and may not log in: it is ${old}.`,
        fix: `Find out what the service uses, and let the configuration name it; or let \`${from}\` log in again.`,
      },
    ];
  if (free === 'open')
    return [
      {
        code: 'login-in-use',
        kind: 'denied',
        message: `Login \`${login}\` of \`${target}\` may log in already: a rotation would change the password of whoever uses it.`,
        fix: `Let the contract of the last rotation revoke it (\`spillway status SERVICE --contract\`), or, when nobody uses it: alter role "${login}" nologin.`,
      },
    ];
  if (free === 'closed' && mark?.part === 'old')
    return [
      {
        code: 'login-in-use',
        kind: 'denied',
        message: `Login \`${login}\` of \`${target}\` is closed and not revoked yet: the contract of release ${mark.release} may still open it again.`,
        fix: `Wait until that contract has revoked it; or, when there is none any more: alter role "${login}" nologin password null valid until '-infinity'.`,
      },
    ];
  await port.check({ login, from });
  return [];
}

/** Refuses a rotation that could not be done, or would shut out somebody who is at work. */
export async function refuseRotations(ports: Ports, plan: Plan, baseline: Slot): Promise<readonly Refusal[]> {
  const found: Refusal[] = [];
  for (const rotation of plan.rotations ?? []) {
    const effect = plan.effects.find(({ kind, target }) => kind === 'rotate' && target === rotation.target);
    if (effect?.kind !== 'rotate') throw new Error(`the plan does not rotate ${rotation.target}`);
    found.push(...(await refuseRotation(ports, effect, { named: await readLogin(ports, rotation, baseline) })));
  }
  return found;
}
