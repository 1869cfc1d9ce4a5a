import { outsidersOf } from '../core/cohorts/outside';
import type { Slots } from '../core/plan/effects';
import type { Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import type { Ports } from './ports';

/** As many as say whether HAProxy is set up for it; the watch goes through them all. */
const mostAsked = 10;

const denied = (message: string, fix: string): Refusal => ({ code: 'cohort-leak', kind: 'denied', message, fix });

/** Whether it can be seen who gets which version, before anybody gets the new one; undefined members are no good news. */
export async function refuseBlindProbe(
  ports: Ports,
  plan: Plan,
  { baseline, release }: Pick<Slots, 'baseline'> & { readonly release: string },
): Promise<readonly Refusal[]> {
  const { traffic: target } = plan.targets;
  const inside = plan.stages.flatMap((stage) => (stage.kind === 'expose' ? (stage.cohorts ?? []) : []));
  const [first] = inside;
  if (first === undefined) return [];
  const outside = outsidersOf(ports.environment, target, inside, `${release}/preflight`) ?? [];
  const asked = [{ asker: { member: first.member }, name: first.member }, ...outside].slice(0, mostAsked);
  const seen = await Promise.all(asked.map(({ asker }) => ports.traffic(target).whoServes(asker)));
  return asked.flatMap(({ name }, index): readonly Refusal[] => {
    const slots = seen[index] ?? [];
    if (slots.includes(undefined))
      return [
        denied(
          `${target}: the answer to ${name} does not say which slot gave it, so nobody could see a leak.`,
          'Let HAProxy name the server in a header of the answer (`cohorts.probe.slotHeader`), as in docs/how-to/release-to-cohorts.md.',
        ),
      ];
    if (slots.every((slot) => slot === baseline)) return [];
    return [
      denied(
        `${target}: ${name} is served by ${slots.join(', ')} although ${baseline} alone serves before a release.`,
        'Look at the rules of HAProxy that pick a server, and mend them.',
      ),
    ];
  });
}
