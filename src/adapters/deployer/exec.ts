import { z } from 'zod';
import type { Slot } from '../../core/plan/effects';
import { formatDuration } from '../../core/duration';
import type { DeployerPort, DeployRequest, SlotStatus } from '../../ports/deployer';
import { PortError } from '../../ports/errors';
import { createRedactor } from '../secrets';
import { checkArgv, fillArgv, type ArgvValues } from './argv';
import { runCommand, type CappedText, type CommandResult } from '../run-command';

export type ExecDeployerOptions = {
  /** argv each; `{slot} {version} {service} {release}` are replaced (`status` has `{slot} {service}`). */
  readonly deploy: readonly string[];
  readonly status: readonly string[];
  readonly drain: readonly string[];
  readonly undeploy: readonly string[];
  readonly urls: { readonly [S in Slot]: string };
  readonly directory?: string | undefined;
  readonly commandTimeoutMs: number;
  /** What the commands get as their environment; the worker's own when it is left out. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
  /** Values that no error may quote, besides the variables whose name says that they are secret. */
  readonly secrets?: readonly string[] | undefined;
};

const requestPlaceholders = ['slot', 'version', 'service', 'release'] as const;
const statusPlaceholders = ['slot', 'service'] as const;
const shownErrorCharacters = 500;
const shownAnswerCharacters = 200;
const secretName = /SECRET|TOKEN|PASSW|PRIVATE|CREDENTIAL|AUTH|DSN|DATABASE_URL|_KEY$|^KEY$/i;
const passingSpawnErrors = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ETXTBSY'];

const statusLine = z.object({
  slot: z.enum(['blue', 'green']),
  version: z.string().nullish(),
  release: z.string().nullish(),
  state: z.enum(['absent', 'starting', 'running', 'draining', 'stopped', 'failed']),
  ready: z.boolean(),
  capacityPercent: z.number().min(0).max(100).nullish(),
  capacityRps: z.number().min(0).nullish(),
  detail: z.string().nullish(),
});

type Verb = 'deploy' | 'status' | 'drain' | 'undeploy';

/**
 * A platform's own four commands as a deployer. Each must return at once; `status` prints one JSON object
 * `{slot, version, release, state, ready, capacityPercent?, capacityRps?, detail?}` on stdout. Further keys are ignored.
 * @throws PortError `Rejected` for an unknown placeholder, a failing command or an answer that is not understood;
 * `TargetUnavailable` for a command that does not return in time (its whole process group is killed) or is killed.
 */
export function createExecDeployer(options: ExecDeployerOptions): DeployerPort {
  for (const verb of ['deploy', 'drain', 'undeploy'] as const) checkArgv(verb, options[verb], requestPlaceholders);
  checkArgv('status', options.status, statusPlaceholders);
  const environment = options.environment ?? process.env;
  const redact = createRedactor([...(options.secrets ?? []), ...secretsOf(environment)]);

  const run = async (verb: Verb, values: ArgvValues): Promise<CappedText> => {
    const argv = fillArgv(verb, options[verb], values);
    const { directory, commandTimeoutMs: timeoutMs } = options;
    const result = await runCommand({ argv, directory, environment, timeoutMs });
    return outputOf(result, { what: `command ${verb} (${argv[0]}) for slot ${values.slot}`, timeoutMs, redact });
  };
  const act = async (verb: Verb, { slot, version, service, release }: DeployRequest): Promise<void> => {
    await run(verb, { slot, version, service, release });
  };
  return {
    deploy: (request) => act('deploy', request),
    drain: (request) => act('drain', request),
    undeploy: (request) => act('undeploy', request),
    status: async (slot, service) => parseStatus(await run('status', { slot, service }), slot, redact),
    slotUrl: (slot) => options.urls[slot].replace(/\/+$/, ''),
  };
}

/** Short values are left alone: a flag such as `AUTH=true` would garble every message. */
const secretsOf = (environment: { readonly [name: string]: string | undefined }): readonly string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    value && value.length >= 8 && (secretName.test(name) || /:\/\/[^/\s]*:[^/\s]*@/.test(value)) ? [value] : [],
  );

type Naming = { readonly what: string; readonly timeoutMs: number; readonly redact: (text: string) => string };

function outputOf(result: CommandResult, { what, timeoutMs, redact }: Naming): CappedText {
  // Redacted before it is cut: half a secret would not be recognised.
  const lastWords = (text: string) => redact(text).trim().slice(-shownErrorCharacters) || '(nothing on stderr)';
  switch (result.kind) {
    case 'timed-out': {
      const rule = 'it must return at once and report by status';
      throw new PortError('TargetUnavailable', `${what} did not return within ${seconds(timeoutMs)}; ${rule}`);
    }
    case 'killed':
      throw new PortError(
        'TargetUnavailable',
        `${what} was ended by ${result.signal}: ${lastWords(result.stderr.text)}`,
      );
    case 'not-started': {
      const code = passingSpawnErrors.includes(result.code) ? 'TargetUnavailable' : 'Rejected';
      const next = 'check that the program and the directory exist and that the worker may run it';
      throw new PortError(code, `${what} did not start (${result.code}); ${next}`);
    }
    case 'ended':
      if (result.exitCode !== 0) {
        throw new PortError(
          'Rejected',
          `${what} ended with exit code ${result.exitCode}: ${lastWords(result.stderr.text)}`,
        );
      }
      return result.stdout;
  }
}

const seconds = (ms: number): string => (ms % 1_000 === 0 && ms < 60_000 ? `${ms / 1_000} s` : formatDuration(ms));

function parseStatus({ text: output, isCut }: CappedText, slot: Slot, redact: (text: string) => string): SlotStatus {
  const refuse = (why: string): never => {
    const beginning = redact(output).trim().slice(0, shownAnswerCharacters);
    const rule = 'print one JSON line {slot, version, release, state, ready, detail?}';
    throw new PortError('Rejected', `command status for slot ${slot}: ${why}: ${beginning || '(nothing)'}; ${rule}`);
  };
  if (isCut) return refuse('the answer is longer than 64 kB');
  const parsed = statusLine.safeParse(parseJson(output, () => refuse('the answer is not JSON')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`the answer is not understood (${issue?.path.join('.') || 'whole answer'}: ${issue?.message})`);
  }
  const { version, release, state, ready, capacityPercent, capacityRps, detail } = parsed.data;
  if (parsed.data.slot !== slot) return refuse(`the answer is about slot ${parsed.data.slot}`);
  return {
    slot,
    state,
    // Only a running version takes users, whatever a command says of one that starts or drains.
    isReady: ready && state === 'running',
    ...(version ? { version } : {}),
    ...(release ? { release } : {}),
    ...(typeof capacityPercent === 'number' ? { capacityPercent } : {}),
    ...(typeof capacityRps === 'number' ? { capacityRps } : {}),
    ...(detail ? { detail: redact(detail).slice(0, shownErrorCharacters) } : {}),
  };
}

function parseJson(text: string, refuse: () => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse();
  }
}
