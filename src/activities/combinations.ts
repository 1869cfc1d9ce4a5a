import { judgeCombinations, mostPromoted } from '../core/combinations/judge-combinations';
import type { Setting } from '../core/combinations/setting';
import type { CompiledPlan } from '../core/plan/compile';
import type { Slot } from '../core/plan/effects';
import type { Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import { settingCount } from '../core/plan/setting-count';
import { withCombinations } from '../core/plan/with-combinations';
import { PortError } from '../ports/errors';
import type { Ports } from './ports';
import { readSettings } from './read-settings';
import { askStore } from './release-runs';

/** A plan is compiled within 5 seconds: what does not answer by then is not known. */
const compilePatienceMs = 2_500;
const preflightPatienceMs = 20_000;

/** The plan with the pairs of its settings that nobody has had yet; as it is where it sets fewer than two. */
export async function pairSettings(ports: Ports, plan: Plan): Promise<CompiledPlan> {
  if (settingCount(plan) < 2) return { ok: true, plan };
  const { environment, policy } = ports;
  const [read, promoted] = await Promise.all([
    readSettings(ports, plan, { patienceMs: compilePatienceMs }),
    askStore(ports, (store) => store.promotedSettings(environment.name, plan.service, mostPromoted)),
  ]);
  return withCombinations(plan, judgeCombinations({ ...read, promoted }, policy.combinations.unexercised), policy);
}

const isUnknown = (settings: readonly Setting[], id: string): boolean =>
  settings.find((setting) => setting.id === id)?.before.digest === undefined;

const isChanged =
  (now: readonly Setting[]) =>
  ({ id, before }: Setting): boolean =>
    before.digest !== undefined && now.find((other) => other.id === id)?.before.digest !== before.digest;

/** Refuses to go by pairs that are not those users will meet: somebody changed a setting since the plan was made. */
export async function refuseOtherSettings(ports: Ports, plan: Plan, baseline: Slot): Promise<readonly Refusal[]> {
  const { combinations } = plan;
  if (combinations === undefined || combinations.answer === 'show') return [];
  const { settings, faults } = await readSettings(ports, plan, { baseline, patienceMs: preflightPatienceMs });
  const isLost = ({ id, before }: Setting): boolean => before.digest !== undefined && isUnknown(settings, id);
  if (combinations.settings.some(isLost)) throw new PortError('TargetUnavailable', faults.join(' '));
  const changed = combinations.settings.filter(isChanged(settings)).map(({ title }) => title);
  if (changed.length === 0) return [];
  return [
    {
      code: 'plan-changed',
      kind: 'denied',
      message: `What ${changed.join(', ')} had when the plan was made is not what is there now: other combinations would be met than those that were checked.`,
      fix: 'Find out who changes it, then start again.',
    },
  ];
}
