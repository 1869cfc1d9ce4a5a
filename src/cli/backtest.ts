import path from 'node:path';
import { createPrometheusHistory } from '../adapters/metrics/prometheus-history';
import { durationMs, formatDuration } from '../core/duration';
import type { Environment } from '../core/environment/schema';
import type { Plan } from '../core/plan/plan';
import { plannedMs, rulesOf, runBacktest, summarise, type BacktestWindow } from '../look-back/backtest/run-backtest';
import { compileHere } from './compile-here';
import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';
import { environmentFileOf, isThere } from './open-store';
import { sayRefusals } from './plan';
import type { Packed } from './read-descriptor';
import { readDuration } from './read-options';
import { readMoment } from './read-moment';
import { paintAll, styleOf } from './render/line';
import { backtestLine, backtestSummary } from './render/backtest';

export type BacktestOptions = {
  readonly file: string;
  readonly packed: Packed;
  readonly from: string;
  readonly to: string;
  readonly every?: string | undefined;
  readonly by: string;
  readonly seed: string;
  readonly prometheus?: string | undefined;
  readonly environmentFile?: string | undefined;
  readonly policyFile?: string | undefined;
  readonly json?: boolean | undefined;
};

type Compiled = { readonly plan: Plan; readonly environment: Environment };

/** The plan under the two files, which stand beside the descriptor where they are not named; an exit code after what is wrong was said. */
async function compileBeside(io: Io, options: BacktestOptions): Promise<Compiled | number> {
  const beside = (name: string): string => path.join(path.dirname(options.file), name);
  const environmentFile = await environmentFileOf(options.environmentFile, beside('environment.yaml'));
  if (environmentFile === undefined)
    throw new UsageError('A descriptor names no addresses: say where Prometheus is by --environment-file FILE.');
  const policyFile = options.policyFile ?? beside('policy.yaml');
  const hasPolicy = options.policyFile !== undefined || (await isThere(policyFile));
  const here = await compileHere(io, options, { environmentFile, policyFile: hasPolicy ? policyFile : undefined });
  if (here === undefined) return exitCodes.invalid;
  const { compiled, environment } = here;
  if (!compiled.ok) return sayRefusals(io, compiled.refusals, options.json === true);
  return { plan: compiled.plan, environment };
}

function prometheusOf({ plan, environment }: Compiled, named: string | undefined) {
  const targets = [...new Set(rulesOf(plan).map(({ target }) => target))];
  const [name, other] = targets;
  if (name === undefined)
    throw new UsageError(
      `No metric of the descriptor is read from Prometheus (${plan.metrics.map((rule) => rule.name).join(', ')}): its history says nothing of them. Add one with \`source: prometheus\`.`,
    );
  if (other !== undefined)
    throw new UsageError(`The metrics are read from ${targets.join(' and ')}, and a backtest reads one Prometheus.`);
  const target = environment.targets[name];
  if (target?.kind !== 'prometheus') throw new Error(`${name} is no Prometheus`);
  const { scrapeInterval, timeout, url } = target;
  return { url: named ?? url, scrapeIntervalMs: durationMs(scrapeInterval), timeoutMs: durationMs(timeout) };
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (Number.isSafeInteger(seed) && seed >= 0 && text.trim() !== '') return seed;
  throw new UsageError(`--seed wants a whole number from 0, not ${JSON.stringify(text)}.`);
}

function sayHow(io: Io, { plan }: Compiled, windows: readonly BacktestWindow[], label: string): void {
  const unseen = plan.metrics.filter(({ kind }) => kind === 'proxy-errors').map(({ name }) => name);
  if (unseen.length > 0)
    say(io, `Not in Prometheus and not judged: ${unseen.join(', ')} (counted by the proxy itself).`);
  const dealt = windows.filter(({ isDealt }) => isDealt).length;
  if (dealt > 0)
    say(
      io,
      `In ${dealt} windows fewer than two instances are told apart by the label ${label}: their requests were dealt to both arms by chance, so differences between instances are not in the figure.`,
    );
  const notJudged = [...new Set(windows.flatMap((window) => window.notJudged))];
  if (notJudged.length > 0)
    say(
      io,
      `Values that were not judged: ${notJudged.join(', ')}. They are compared between two instances at least, by queries that name the slot in a selector such as {slot="$slot"}.`,
    );
}

/** `spillway backtest`: the descriptor's metrics over the past of the stable version, against itself. */
export async function backtest(io: Io, options: BacktestOptions): Promise<number> {
  const isJson = options.json === true;
  const stretch = {
    fromMs: readMoment('--from', options.from, io.now()),
    toMs: readMoment('--to', options.to, io.now()),
  };
  const everyMs = readDuration('--every', options.every);
  const seed = readSeed(options.seed);
  if (everyMs === 0) throw new UsageError('--every wants more than nothing.');
  const compiled = await compileBeside(io, options);
  if (typeof compiled === 'number') return compiled;
  const { url, scrapeIntervalMs, timeoutMs } = prometheusOf(compiled, options.prometheus);
  const history = createPrometheusHistory({ url, timeoutMs });
  const { plan } = compiled;
  const windows: BacktestWindow[] = [];
  const style = styleOf(io);
  for await (const window of runBacktest({
    plan,
    history,
    scrapeIntervalMs,
    stretch,
    everyMs,
    label: options.by,
    seed,
  })) {
    windows.push(window);
    if (!isJson) print(io, ...paintAll([backtestLine(window)], style));
  }
  const summary = summarise(windows);
  if (windows.length === 0)
    throw new UsageError(
      `From --from to --to are ${formatDuration(Math.max(0, stretch.toMs - stretch.fromMs))}, and one release of this plan takes ${formatDuration(plannedMs(plan))}: begin earlier, or shorten the bakes.`,
    );
  if (isJson) printJson(io, { ok: summary.judged > 0, ...summary, seed, windowList: windows });
  sayHow(io, compiled, windows, options.by);
  say(io, backtestSummary(summary));
  return summary.judged > 0 ? exitCodes.ok : exitCodes.waitingForApproval;
}
