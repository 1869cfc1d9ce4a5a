import { formatDuration } from '../../core/duration';
import type { PlanForecast } from '../../core/analysis/forecast-plan';
import { engineToLimit, type Traffic } from '../../core/analysis/forecast';
import { wrapText } from '../../core/plain-text';

export type Forecast = {
  readonly overMs: number;
  readonly traffic: { readonly [metric: string]: Traffic };
  /** Metrics that no forecast could be made for, and why. */
  readonly missing: { readonly [metric: string]: string };
  readonly stages: readonly PlanForecast[];
};

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
const rate = (perSecond: number): string => `${Number(perSecond.toPrecision(3))} requests a second`;
const time = (seconds: number): string => (Number.isFinite(seconds) ? formatDuration(1_000 * seconds) : 'for ever');

function trafficLine(metric: string, { requestsPerSecond, badShare, dispersion }: Traffic): string {
  return `${metric}: ${rate(requestsPerSecond)}, ${percent(badShare)} bad, dispersion ${Number(dispersion.toPrecision(2))}`;
}

function findsText({ smallestShare, bakeSeconds }: PlanForecast): string {
  return smallestShare === undefined
    ? `nothing can be found in ${time(bakeSeconds)}`
    : `from ${percent(smallestShare)} on can be found in ${time(bakeSeconds)}`;
}

function promiseText(found: PlanForecast): string {
  const { promisedShare, likelySeconds, bakeSeconds, holdSeconds, syntheticPerSecond, outcome } = found;
  const promise = `the limit of ${percent(promisedShare)} takes about ${time(likelySeconds)}`;
  if (outcome === 'in-time') return promise;
  if (outcome === 'extends')
    return `${promise}: the stage is extended past its bake, within its hold of ${time(holdSeconds)}`;
  const bound = `${time(bakeSeconds + holdSeconds)} of bake and hold`;
  if (!Number.isFinite(likelySeconds))
    return `WARNING: the limit of ${percent(promisedShare)} is what the service has anyway: no traffic can show more; widen the limit`;
  return (
    `WARNING: ${promise}, and the stage has ${bound}: bake longer, widen the limit, ` +
    `or add ${rate(syntheticPerSecond)} of synthetic load`
  );
}

/** What is not proved when bake and hold are over follows the declared policy, which may turn a good release back. */
function proofText({ proofSeconds, bakeSeconds, holdSeconds }: PlanForecast): string {
  if (proofSeconds === undefined) return '';
  const proof = `; a healthy canary proves it in about ${time(proofSeconds)}`;
  if (proofSeconds <= bakeSeconds) return proof;
  const isLate = proofSeconds > bakeSeconds + holdSeconds;
  return isLate
    ? `${proof}: WARNING: bake and hold are over before that; bake longer, widen the limit, or name the \`minRequests\` that are enough`
    : `${proof}, so the stage is likely to be extended`;
}

const howLong = `"takes about" is ${engineToLimit} times what any rule needs at least: an aim of the engine, not measured`;

/** What each stage can find at the traffic of the last hours, as plain lines of at most 100 columns. */
export function renderForecast({ overMs, traffic, missing, stages }: Forecast): readonly string[] {
  const bullet = (text: string): readonly string[] => wrapText(`  ${text}`, '    ');
  return [
    `Forecast, from the last ${formatDuration(overMs)} of traffic`,
    ...Object.entries(traffic).flatMap(([metric, found]) => bullet(trafficLine(metric, found))),
    ...Object.entries(missing).flatMap(([metric, why]) => bullet(`${metric}: no forecast, ${why}`)),
    ...stages.flatMap((found) =>
      bullet(`${found.stageId} ${found.metric}: ${findsText(found)}; ${promiseText(found)}${proofText(found)}`),
    ),
    ...(stages.length === 0 ? [] : bullet(howLong)),
  ];
}
