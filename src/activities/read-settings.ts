import type { Setting, SettingValue } from '../core/combinations/setting';
import { digestSetting } from '../core/evidence/seal';
import type { Json } from '../core/json';
import type { Effect, Slot } from '../core/plan/effects';
import { flagText } from '../core/plan/flag-text';
import type { Plan } from '../core/plan/plan';
import { rolesOf } from '../core/release/at-rest';
import { PortError } from '../ports/errors';
import { askWithin } from './ask-within';
import type { Ports } from './ports';

export type SettingsRead = { readonly settings: readonly Setting[]; readonly faults: readonly string[] };

type Configure = Extract<Effect, { kind: 'configure' }>;
const nothing: Promise<SettingsRead> = Promise.resolve({ settings: [], faults: [] });

type Flag = Extract<Effect, { kind: 'flag' }>;

const notKnown: SettingValue = { text: 'as it is now (not known)' };
const none: readonly Json[] = [];
const listOf = (value: Json | undefined): readonly Json[] => (value === undefined ? none : [value]);

/** Texts and definitions of others stay where they are: they may be long, or not for everybody. */
function foundText([value]: readonly Json[]): string {
  if (value === undefined) return 'as it is now (not there)';
  return typeof value === 'boolean' || typeof value === 'number' ? `as it is now (${value})` : 'as it is now';
}

const settingText = (value: Json): string => (value === null ? 'taken out' : `= ${flagText(value)}`);

/** The slot that serves now. */
export async function servingSlot(ports: Ports, plan: Plan): Promise<Slot> {
  const roles = rolesOf(await ports.traffic(plan.targets.traffic).readSplit());
  if (roles !== undefined) return roles.baseline;
  throw new PortError('Rejected', `${plan.targets.traffic}: not exactly one slot serves, so none is the baseline.`);
}

/**
 * Every setting of the plan as the baseline has it now and as it will be, in the order in which they are set. A target that
 * does not answer within `patienceMs` leaves its values unknown.
 */
export async function readSettings(
  ports: Ports,
  plan: Plan,
  { baseline, patienceMs }: { readonly baseline?: Slot; readonly patienceMs: number },
): Promise<SettingsRead> {
  const within = (what: string) => ({ what, patienceMs });
  const digested = (id: string, value: readonly Json[], text: string): SettingValue => ({
    text,
    digest: digestSetting(ports.sealKey, id, value),
  });

  async function readFlag(effect: Flag): Promise<SettingsRead> {
    const { target, flag, value, killSwitch } = effect;
    const id = `flag/${target}/${flag}`;
    const asked = await askWithin(within(target), async () => {
      const found = await ports.flags(target).read(flag);
      return { found, wanted: await ports.flags(target).foretell(flag, { found, value }) };
    });
    const title = `${killSwitch ? 'kill switch' : 'flag'} ${flag}`;
    const setting = { id, kind: killSwitch ? 'kill-switch' : 'flag', title } as const;
    const text = settingText(value);
    if ('fault' in asked)
      return {
        settings: [{ ...setting, before: notKnown, after: { text } }],
        faults: [`What ${title} is now is not known: ${asked.fault}`],
      };
    const { found, wanted } = asked.answer;
    const before = digested(id, listOf(found), foundText(listOf(found)));
    return { settings: [{ ...setting, before, after: digested(id, [wanted], text) }], faults: [] };
  }

  async function readConfiguration({ target, set }: Configure): Promise<SettingsRead> {
    const asked = await askWithin(within(target), async () =>
      ports.configuration(target).read(baseline ?? (await servingSlot(ports, plan)), Object.keys(set)),
    );
    const settings = Object.entries(set).map(([key, value]): Setting => {
      const id = `configuration/${target}/${key}`;
      // `null` takes the key out.
      const after = digested(id, value === null ? none : [value], settingText(value));
      const found = 'answer' in asked ? listOf(asked.answer.get(key)) : undefined;
      const before = found === undefined ? notKnown : digested(id, found, foundText(found));
      return { id, kind: 'configuration', title: `${key} of ${target}`, before, after };
    });
    return {
      settings,
      faults: 'fault' in asked ? [`What ${target} has for the baseline now is not known: ${asked.fault}`] : [],
    };
  }

  const parts = await Promise.all(
    plan.effects.map((effect): Promise<SettingsRead> => {
      // What a flag becomes for everybody is what it has in every pair.
      if (effect.kind === 'flag') return effect.follows === undefined ? readFlag(effect) : nothing;
      return effect.kind === 'configure' ? readConfiguration(effect) : Promise.resolve({ settings: [], faults: [] });
    }),
  );
  return { settings: parts.flatMap(({ settings }) => settings), faults: parts.flatMap(({ faults }) => faults) };
}
