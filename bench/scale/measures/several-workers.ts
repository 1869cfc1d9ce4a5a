import type { Outcome } from '../../outcome';
import { spreadOf } from '../../spread';
import { coreMsEach, p99, startCrew, type Crew } from '../crew';
import { targetOf } from '../environment-file';
import { namesFor } from '../fleet';
import { killBusiest } from '../kill-worker';
import { startLeaseBook, type LeaseBook } from '../lease-book';
import type { Measure, ScaleOptions } from '../measure';
import { startScaleStack } from '../scale-stack';
import { judgePair, neededShared, ratioOf, type Played } from '../several-workers-bars';

const rounds = 3;

/** On a stack of its own, so that neither number of workers inherits what the other left behind. */
async function withCrew<T>(
  shared: number,
  size: number,
  work: (crew: Crew, leases: LeaseBook) => Promise<T>,
): Promise<T> {
  const services = namesFor(shared, rounds);
  const leases = await startLeaseBook(services.map(targetOf));
  try {
    const scale = await startScaleStack({ services, sentinel: leases });
    try {
      return await work(await startCrew(scale, services, size), leases);
    } finally {
      await scale.stop();
    }
  } finally {
    await leases.stop();
  }
}

/** What exposed releases cost these workers; `meanwhile` happens between the breaches and the endings. */
async function play<T>(
  crew: Crew,
  leases: LeaseBook,
  { shared, say }: ScaleOptions,
  meanwhile: () => Promise<T>,
): Promise<readonly [Played, T]> {
  const step = await crew.measureStep(shared, rounds);
  say(`${crew.workers.length} workers: ${JSON.stringify({ ...step, breachToZeroMs: spreadOf(step.breachToZeroMs) })}`);
  const happened = await meanwhile();
  const lost = leases.countLost();
  const ended = await crew.fleet.promoteAll();
  const { rolledBack, wrong } = crew.fleet;
  const found = {
    p99Ms: p99(step),
    kilobytesEach: step.kilobytesEach,
    coreMsEach: coreMsEach(step),
    lost,
    rolledBack: rolledBack.length,
    promoted: ended - wrong.length,
    wrong,
  };
  return [found, happened];
}

async function measure(options: ScaleOptions): Promise<Outcome> {
  const { shared } = options;
  const [one] = await withCrew(shared, 1, (crew, leases) => play(crew, leases, options, () => Promise.resolve()));
  const [two, takeover] = await withCrew(shared, 2, (crew, leases) =>
    play(crew, leases, options, async () => {
      await crew.fleet.growTo(shared);
      return killBusiest(crew, leases);
    }),
  );
  const { observedAgainMs, renewedAgainMs, open, orphaned } = takeover;
  return {
    figures: {
      shared,
      one,
      two,
      timesAsMuch: {
        p99: ratioOf(one.p99Ms, two.p99Ms),
        memory: ratioOf(one.kilobytesEach, two.kilobytesEach),
        processor: ratioOf(one.coreMsEach, two.coreMsEach),
      },
      takeover: { open, orphaned, observedAgainMs, renewedAgainMs },
    },
    rows: judgePair(shared, { one, two, takeover }),
    isWhole: shared >= neededShared,
  };
}

/** The same exposed releases on one worker and on two, one of which is killed. */
export const severalWorkers: Measure = { name: 'several-workers', run: measure };
