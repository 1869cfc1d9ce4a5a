import type { Descriptor } from '../descriptor/schema';
import type { Environment } from '../environment/schema';
import type { Effect } from './effects';
import { followingFlag } from './following-flag';
import { flagValue } from './flag-value';
import { refuseUnknownTenants } from './known-tenants';
import type { Refuse } from './refusal';
import { repeated } from './repeated';
import type { ResolveTarget } from './targets';

type FlagSources = {
  readonly target: ResolveTarget;
  readonly environment: Environment;
  readonly version: string;
  /** The traffic target, which describes the cohorts; undefined after a refusal. */
  readonly traffic: string | undefined;
};

/** One effect a flag; a cohort stands in it as the tenants it has now. */
export function compileFlags(
  entries: Descriptor['flags'],
  { target: resolveTarget, environment, version, traffic }: FlagSources,
  refuse: Refuse,
): readonly Effect[] {
  const effects = entries.flatMap(({ flag, target: named, value, killSwitch, follows }, index): readonly Effect[] => {
    const target = resolveTarget({ purpose: 'flags', named, where: `Flag \`${flag}\`` });
    if (target === undefined) return [];
    refuseUnknownTenants({ flag, target, value, at: `flags[${index}]` }, { environment, traffic }, refuse);
    const meant = flagValue({ flag, target, value }, { environment, traffic }, refuse);
    if (meant === undefined) return [];
    const effect = { kind: 'flag', key: `flag/${target}/${flag}`, target, flag, killSwitch, ...meant } as const;
    return follows === undefined ? [effect] : followingFlag(effect, { version, environment }, refuse);
  });
  for (const key of repeated(effects.map((effect) => effect.key))) {
    refuse({
      code: 'duplicate-flag',
      kind: 'invalid',
      message: `\`flags\` sets \`${key}\` more than once.`,
      fix: 'Keep one entry for each flag and target.',
    });
  }
  return effects;
}
