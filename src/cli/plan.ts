import type { SpillwayClient } from '../client';
import { describePlan } from '../core/plan/describe';
import { planDigest } from '../core/plan/digest';
import { parseDuration } from '../core/duration';
import type { Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import type { TrialsFound } from '../activities/trial';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import { compileHere } from './compile-here';
import { unknownHere } from './unknown-here';
import { forecast, forecastOver } from './forecast';
import { exitCodeOf, exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';
import { whoActs } from './person';
import { sayIssues, type Packed } from './read-descriptor';
import { renderForecast, type Forecast } from './render/forecast';
import { renderTrials } from './render/trials';
import { line, paintAll, styleOf, wrap } from './render/line';

export type PlanOptions = {
  readonly packed: Packed;
  /** Compile here, under the two files named, instead of asking the worker. */
  readonly offline?: boolean | undefined;
  readonly environmentFile?: string | undefined;
  readonly policyFile?: string | undefined;
  /** How far back to read the traffic of the forecast, which is made where an environment file is named. */
  readonly traffic?: string | undefined;
  /** Have the worker try every undo on a copy. */
  readonly trial?: boolean | undefined;
  readonly as?: string | undefined;
  readonly json?: boolean | undefined;
};

const leastTrafficMs = 15 * 60_000;

type Compiled =
  | { readonly ok: true; readonly plan: Plan; readonly found?: TrialsFound | undefined }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Says why a plan or a release is refused. */
export function sayRefusals(io: Io, refusals: readonly Refusal[], isJson: boolean): number {
  const style = styleOf(io);
  if (isJson) printJson(io, { ok: false, refusals });
  else
    for (const { code, message, fix } of refusals)
      print(
        io,
        ...paintAll(
          [...wrap(`✖ ${code}: ${message}`, style.width, '  '), ...wrap(`  ${fix}`, style.width, '  ')].map((text) =>
            line(text),
          ),
          style,
        ),
      );
  return exitCodeOf({ phase: 'Refused', refusals });
}

async function forecastOf(io: Io, plan: Plan, options: PlanOptions): Promise<Forecast | undefined> {
  if (options.environmentFile === undefined) return undefined;
  const overMs = parseDuration(options.traffic ?? forecastOver);
  if (overMs === undefined || overMs < leastTrafficMs)
    throw new UsageError('--traffic wants a duration of at least 15m, such as 3h or 1d.');
  const environment = await readEnvironmentFile(options.environmentFile);
  // What is wrong with the file was said where it was compiled under; another worker's file is only for the forecast.
  if (!environment.ok) return sayIssues(io, environment.issues, options.json === true);
  return forecast(plan, environment.value, { overMs, nowMs: io.now() });
}

const hasMigrations = ({ effects, contract }: Plan): boolean =>
  [...effects, ...contract].some(({ kind }) => kind === 'migrate');

async function show(io: Io, compiled: Compiled, options: PlanOptions): Promise<number> {
  const isJson = options.json === true;
  if (!compiled.ok) return sayRefusals(io, compiled.refusals, isJson);
  const { plan } = compiled;
  const digest = planDigest(plan);
  const found = await forecastOf(io, plan, options);
  // Without any traffic there is nothing to say beside the plan.
  const isKnown = found !== undefined && found.stages.length > 0;
  const tried = compiled.found;
  const refusals = tried?.refusals ?? [];
  if (isJson)
    printJson(io, {
      ok: refusals.length === 0,
      digest,
      plan,
      ...(isKnown ? { forecast: found } : {}),
      ...(tried === undefined ? {} : tried),
    });
  else {
    const trials = renderTrials(tried?.trials ?? []);
    print(
      io,
      describePlan(plan).trimEnd(),
      ...(isKnown ? ['', ...renderForecast(found)] : []),
      ...(trials.length > 0 ? ['', ...trials] : []),
    );
  }
  if (found !== undefined && !isKnown)
    for (const [metric, why] of Object.entries(found.missing)) say(io, `No forecast for ${metric}: ${why}`);
  if (refusals.length > 0)
    return isJson ? exitCodeOf({ phase: 'Refused', refusals }) : sayRefusals(io, refusals, isJson);
  if (tried === undefined && hasMigrations(plan))
    say(
      io,
      'Undo not tried here: `spillway plan FILE --trial` tries it on a copy of the schema, and so does every start.',
    );
  const unknown = options.offline === true ? unknownHere(plan) : [];
  for (const text of unknown) say(io, text);
  if (unknown.length === 0) say(io, `Start exactly this plan: spillway start FILE --expect-plan ${digest}`);
  return exitCodes.ok;
}

/** `spillway plan`: what the worker of the environment would run for this descriptor. */
export async function plan(io: Io, client: SpillwayClient, options: PlanOptions): Promise<number> {
  const { packed } = options;
  const { environment, service } = packed.descriptor;
  const requestedBy = await whoActs(io, options.as);
  const found = await client.plan({ bundle: packed.bundle, environment, service, requestedBy, trial: options.trial });
  return show(io, found.ok ? { ok: true, plan: found.sealed.plan, found: found.found } : found, options);
}

/** `spillway plan --offline`: the same, compiled here under files that may not be the worker's. */
export async function planOffline(io: Io, options: PlanOptions): Promise<number> {
  const { environmentFile, policyFile } = options;
  if (options.trial === true)
    throw new UsageError('--trial asks the worker, which alone has the database: leave out --offline.');
  if (environmentFile === undefined || policyFile === undefined)
    throw new UsageError('--offline wants --environment-file FILE and --policy-file FILE: the plan depends on both.');
  const here = await compileHere(io, options, { environmentFile, policyFile });
  if (here === undefined) return exitCodes.invalid;
  say(io, 'Compiled here, without a seal: a worker compiles it again under its own files.');
  return show(io, here.compiled, options);
}
