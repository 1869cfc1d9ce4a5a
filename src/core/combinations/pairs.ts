import type { Setting, SettingKind, SettingValue } from './setting';

/** `canary`: who is sent to it. `baseline`: who stays, for flags are for all. `between`: everybody while flags change. */
export type MetBy = 'canary' | 'baseline' | 'between' | 'way-back';

type Side = 'before' | 'after';
type Sides = { readonly first: Side; readonly second: Side; readonly metBy: MetBy };

/** Two settings, each with one of its values. */
export type Pair = {
  readonly first: { readonly setting: Setting; readonly value: SettingValue };
  readonly second: { readonly setting: Setting; readonly value: SettingValue };
  readonly metBy: MetBy;
};

const isFlag = ({ kind }: { readonly kind: SettingKind }): boolean => kind !== 'configuration';

/** The configuration is the canary's own, so that nobody meets a new value of it beside an old one of another key. */
function sidesMet(first: Setting, second: Setting): readonly Sides[] {
  const canary = { first: 'after', second: 'after', metBy: 'canary' } as const;
  if (!isFlag(first)) return [canary];
  if (isFlag(second))
    return [
      canary,
      { first: 'after', second: 'before', metBy: 'between' },
      { first: 'before', second: 'after', metBy: 'between' },
    ];
  return [
    canary,
    { first: 'after', second: 'before', metBy: 'baseline' },
    // A kill switch goes back beside the traffic, while some are still on the canary.
    ...(first.kind === 'kill-switch' ? [{ first: 'before', second: 'after', metBy: 'way-back' } as const] : []),
  ];
}

/** Every pair of values that users can meet, forward and on the way back, but for what is in service already. */
export function pairsMet(settings: readonly Setting[]): readonly Pair[] {
  const ordered = [...settings.filter(isFlag), ...settings.filter((setting) => !isFlag(setting))];
  const found = new Map<string, Pair>();
  ordered.forEach((first, index) => {
    for (const second of ordered.slice(index + 1)) {
      const inService = pairKey({ setting: first, value: first.before }, { setting: second, value: second.before });
      for (const sides of sidesMet(first, second)) {
        const a = { setting: first, value: first[sides.first] };
        const b = { setting: second, value: second[sides.second] };
        const key = pairKey(a, b);
        const isKnown = a.value.digest !== undefined && b.value.digest !== undefined;
        if (found.has(key) || (isKnown && key === inService)) continue;
        found.set(key, { first: a, second: b, metBy: sides.metBy });
      }
    }
  });
  return [...found.values()];
}

const pairKey = (first: Pair['first'], second: Pair['second']): string =>
  JSON.stringify([first, second].map(({ setting, value }) => [setting.id, value.digest ?? value.text]));
