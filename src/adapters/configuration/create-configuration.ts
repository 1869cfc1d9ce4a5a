import { durationMs } from '../../core/duration';
import type { TargetOf } from '../../core/environment/schema';
import type { ConfigurationPort } from '../../ports/configuration';
import { bounded } from '../bounded';
import { fileTimeoutMs } from '../whole-file';
import { createConfigurationFile } from './file';
import { createConfigurationGit } from './git';

/** Git bounds itself, with better words; past this its copy is on a disk that hangs. */
const diskGraceMs = 2_000;

type ConfigurationTarget = TargetOf<'configuration-file' | 'configuration-git'>;

export type ConfigurationContext = {
  /** The value behind a reference that `configurationSecrets` named. */
  readonly secret: (reference: string) => string;
  readonly environment: { readonly [name: string]: string | undefined };
};

const isReference = (text: string): boolean => /^(env:|file:(?!\/\/))/.test(text);

export const configurationSecrets = ({ repository, sign }: TargetOf<'configuration-git'>): readonly string[] => [
  ...(isReference(repository) ? [repository] : []),
  ...(sign === undefined ? [] : [sign.key]),
];

/** The port of a configuration target, and what ends it. */
export function createConfiguration(
  target: ConfigurationTarget,
  name: string,
  { secret, environment }: ConfigurationContext,
): { readonly port: ConfigurationPort; readonly close: () => Promise<void> } {
  if (target.kind === 'configuration-file') {
    const port = bounded(createConfigurationFile(target), { target: name, timeoutMs: fileTimeoutMs });
    return { port, close: () => Promise.resolve() };
  }
  const { repository, sign, branch, paths, author } = target;
  const timeoutMs = durationMs(target.timeout);
  const git = createConfigurationGit({
    target: name,
    repository: isReference(repository) ? secret(repository) : repository,
    branch,
    paths,
    author,
    signingKey: sign === undefined ? undefined : secret(sign.key),
    timeoutMs,
    environment,
  });
  return { port: bounded(git, { target: name, timeoutMs: timeoutMs + diskGraceMs }), close: () => git.close() };
}
