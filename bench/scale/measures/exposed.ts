import { describeMs, spreadOf } from '../../spread';
import type { Outcome, Row } from '../../outcome';
import { coreMsEach, p99, startCrew, type Step } from '../crew';
import { atOnce, breachRate, namesFor, usualRate } from '../fleet';
import type { Measure, ScaleOptions } from '../measure';
import { startScaleStack, type ScaleStack } from '../scale-stack';

const [firstBarMs, kneeMs] = [5_000, 3_000];
const [neededFirst, neededKnee] = [200, 300];

/** Three times ten breaches where the bar is hardest to meet by chance, then twice. */
const roundsAt = (step: number): number => (step === 0 ? 3 : 2);

async function play(scale: ScaleStack, { exposed, say }: ScaleOptions, services: readonly string[]) {
  const crew = await startCrew(scale, services, 1);
  const steps: Step[] = [];
  for (const [index, count] of exposed.entries()) {
    const step = await crew.measureStep(count, roundsAt(index));
    say(`exposed ${count}: ${JSON.stringify({ ...step, breachToZeroMs: spreadOf(step.breachToZeroMs) })}`);
    steps.push(step);
    // Past the knee more of them tell nothing more.
    if (p99(step) > kneeMs) break;
  }
  const { fleet } = crew;
  const promoted = await fleet.promoteAll();
  return { steps, promoted, rolledBack: fleet.rolledBack.length, wrong: fleet.wrong };
}

function rowsOf({ steps, promoted, rolledBack, wrong }: Awaited<ReturnType<typeof play>>): readonly Row[] {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const carried = steps.filter((step) => p99(step) <= kneeMs).map(({ open }) => open);
  const most = Math.max(0, ...carried);
  const knee = p99(last) <= kneeMs ? `more than ${last.open}` : `between ${most} and ${last.open}`;
  const aDay = (perSecond: number): number => Math.round((86_400 * perSecond) / last.watched);
  const beats = last.heartbeatsPerSecond;
  return [
    {
      what: `breach → weight 0, ${atOnce} canaries broken at once among ${first.open} open releases on one worker (${breachRate} requests a second to each of them, ${usualRate} to the others)`,
      measured: `p99 ${Math.round(p99(first))} ms; ${describeMs(spreadOf(first.breachToZeroMs))}`,
      bar: `p99 ≤ ${firstBarMs} ms`,
      isMet: first.open >= neededFirst && p99(first) <= firstBarMs,
    },
    {
      what: 'all of them ended right',
      measured: `${rolledBack} rolled back with proof, ${promoted - wrong.length} promoted, ${wrong.length} wrong`,
      bar: '0 wrong',
      isMet: wrong.length === 0,
    },
    {
      what: `open releases with users exposed on one worker before breach → weight 0 p99 passes ${kneeMs} ms`,
      measured: `${knee} (${steps.map((step) => `${step.open}: ${Math.round(p99(step))} ms`).join(', ')})`,
      bar: `≥ ${neededKnee}`,
      isMet: most >= neededKnee,
    },
    {
      what: `cores kept busy by ${last.watched} exposed releases in which nothing happens`,
      measured: `worker ${last.cores.worker}, Temporal server ${last.cores.server}, HAProxy ${last.cores.proxy}`,
      bar: '–',
      isMet: true,
    },
    {
      what: 'what the heartbeats cost the server',
      measured: `${beats} a second, ${Math.round((10_000 * last.cores.server) / Math.max(1, beats)) / 10} ms of a core each`,
      bar: '–',
      isMet: true,
    },
    {
      what: 'an open release with users exposed',
      measured: `${last.kilobytesEach} kB in the worker, ${coreMsEach(last)} ms of a core a second, ${aDay(beats)} heartbeats (Temporal actions) and ${aDay(last.rowsPerSecond)} rows a day at first, a tenth of the rows after ten minutes`,
      bar: '–',
      isMet: true,
    },
  ];
}

async function measure(options: ScaleOptions): Promise<Outcome> {
  const { exposed } = options;
  const rounds = exposed.reduce((sum, _, index) => sum + roundsAt(index), 0);
  const services = namesFor(Math.max(...exposed), rounds);
  const scale = await startScaleStack({ services });
  try {
    const found = await play(scale, options, services);
    return {
      figures: {
        steps: found.steps.map((step) => ({
          ...step,
          breachToZeroMs: { ...spreadOf(step.breachToZeroMs), p99: p99(step) },
        })),
        promoted: found.promoted,
        rolledBack: found.rolledBack,
        wrong: found.wrong,
      },
      rows: rowsOf(found),
      isWhole: (exposed[0] ?? 0) >= neededFirst && Math.max(...exposed) >= neededKnee,
    };
  } finally {
    await scale.stop();
  }
}

/** Many releases with users exposed: how soon breaches are answered, and what watching costs. */
export const exposed: Measure = { name: 'exposed', run: measure };
