import type { Descriptor } from '../descriptor/schema';
import type { Environment } from '../environment/schema';
import { compileContractRule } from './contract-rule';
import type { Effect } from './effects';
import type { Refuse } from './refusal';
import type { Rotation } from './rotation';
import type { ResolveTarget } from './targets';

/** The credential that a release rotates: the one of its service. */
export function compileRotations(
  { credentials, contract }: Descriptor,
  {
    environment,
    target,
    effects,
  }: {
    readonly environment: Environment;
    readonly target: ResolveTarget;
    /** What the release sets beside it. */
    readonly effects: readonly Effect[];
  },
  refuse: Refuse,
): readonly Rotation[] {
  if (credentials === undefined) return [];
  const { setting } = credentials;
  const name = target({ purpose: 'credentials', where: '`credentials`' });
  const configuration = target({ purpose: 'configuration', where: '`credentials`' });
  const found = name === undefined ? undefined : environment.targets[name];
  if (name === undefined || configuration === undefined || found?.kind !== 'postgres-login') return [];
  const isSetTwice = effects.some(
    (effect) => effect.kind === 'configure' && effect.target === configuration && Object.hasOwn(effect.set, setting),
  );
  if (isSetTwice)
    refuse({
      code: 'conflicting-configuration',
      kind: 'invalid',
      message: `\`${setting}\` of \`${configuration}\` names the login of a credential that is rotated, and \`configuration\` sets it too.`,
      fix: 'Leave it to `credentials`: the release sets it to the new login.',
    });
  return [
    {
      target: name,
      configuration,
      setting,
      logins: found.logins.map(({ role }) => role),
      rule: compileContractRule(contract),
    },
  ];
}
