import { ClientError, type ConnectOptions, type SpillwayClient } from '../client';
import { missingAttributes } from '../client/faults';
import { formatIssue } from '../core/descriptor/issue';
import type { Environment } from '../core/environment/schema';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import { readPolicyFile } from '../descriptor-files/read-policy-file';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { paintAll, span, styleOf, wrap, type Line } from './render/line';
import { check, good, type Check } from './doctor-check';
import { checkTargets } from './doctor-targets';

export type DoctorOptions = ConnectOptions & {
  readonly environment?: string | undefined;
  readonly environmentFile?: string | undefined;
  readonly policyFile?: string | undefined;
  readonly json?: boolean | undefined;
};

const bad = (name: string, detail: string): Check => ({ name, isGood: false, detail });

async function checkQueues(client: SpillwayClient, environment: string): Promise<readonly Check[]> {
  const queues = await client.pollers(environment);
  return queues.map(({ queue, pollers }) =>
    pollers > 0
      ? good(`queue ${queue}`, `${pollers} ${pollers === 1 ? 'poller' : 'pollers'}`)
      : bad(
          `queue ${queue}`,
          'no worker polls it. Start one: spillway worker --environment FILE --policy FILE (or spillway dev for a trial).',
        ),
  );
}

async function environmentsOf(client: SpillwayClient, named: string | undefined): Promise<readonly string[]> {
  if (named !== undefined) return [named];
  return [...new Set((await client.list({ kind: 'any' })).map(({ environment }) => environment))];
}

async function checkNamespace(client: SpillwayClient): Promise<readonly Check[]> {
  const { namespace, missingAttributes: missing } = await client.readNamespace();
  return [
    good('namespace', namespace),
    missing.length === 0
      ? good('search attributes', 'all registered')
      : bad('search attributes', missingAttributes(missing, namespace).message),
  ];
}

async function checkTemporal(
  io: Io,
  options: DoctorOptions,
  environment: string | undefined,
): Promise<readonly Check[]> {
  let client: SpillwayClient;
  try {
    client = await io.connect({ ...options, env: io.env });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return [bad('Temporal', error.message)];
  }
  try {
    const found = [
      good('Temporal', `answers at ${client.address}`),
      ...(await check('namespace', () => checkNamespace(client))),
    ];
    if (found.some(({ isGood }) => !isGood)) return found;
    const environments = await environmentsOf(client, environment);
    if (environments.length === 0)
      say(io, 'No environment is named and no release is open: workers are not looked for (--environment NAME).');
    const queues = await Promise.all(environments.map((name) => check('queues', () => checkQueues(client, name))));
    return [...found, ...queues.flat()];
  } finally {
    await client.close();
  }
}

type Files = { readonly checks: readonly Check[]; readonly environment?: Environment };

async function checkFiles({ environmentFile, policyFile }: DoctorOptions): Promise<Files> {
  const environment = environmentFile === undefined ? undefined : await readEnvironmentFile(environmentFile);
  const policy = policyFile === undefined ? undefined : await readPolicyFile(policyFile);
  const checks = [
    { name: `file ${environmentFile}`, parsed: environment },
    { name: `file ${policyFile}`, parsed: policy },
  ].flatMap(({ name, parsed }) => {
    if (parsed === undefined) return [];
    return [parsed.ok ? good(name, 'no issues') : bad(name, parsed.issues.map(formatIssue).join(' '))];
  });
  return { checks, ...(environment?.ok === true ? { environment: environment.value } : {}) };
}

function checkLines({ name, isGood, detail }: Check, width: number): readonly Line[] {
  const [first = '', ...rest] = wrap(`${name}: ${detail}`, width - 2, '    ');
  return [[span(isGood ? '✔ ' : '✖ ', isGood ? 'good' : 'bad'), span(first)], ...rest.map((text) => [span(text)])];
}

/** `spillway doctor`: one line for everything a release needs; exits with 1 when anything is missing. */
export async function doctor(io: Io, options: DoctorOptions): Promise<number> {
  const files = await checkFiles(options);
  const { environment } = files;
  const named = options.environment ?? environment?.name ?? (io.env['SPILLWAY_ENVIRONMENT'] || undefined);
  const checks = [
    ...files.checks,
    ...(await checkTemporal(io, options, named)),
    ...(environment === undefined ? [] : await checkTargets(environment, io.env)),
  ];
  const isGood = checks.every((each) => each.isGood);
  const style = styleOf(io);
  if (options.json === true) printJson(io, { ok: isGood, checks });
  else
    print(
      io,
      ...paintAll(
        checks.flatMap((each) => checkLines(each, style.width)),
        style,
      ),
    );
  return isGood ? exitCodes.ok : exitCodes.internal;
}
