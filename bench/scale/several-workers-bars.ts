import type { Row } from '../outcome';
import { describeMs, spreadOf } from '../spread';
import { atOnce } from './fleet';
import type { Takeover } from './kill-worker';

/** Exposed releases from which on the figures are those of the documentation. */
export const neededShared = 200;

/** What one number of workers made of the same exposed releases. */
export type Played = {
  readonly p99Ms: number;
  readonly kilobytesEach: number;
  readonly coreMsEach: number;
  /** Leases that ran out while users were exposed. */
  readonly lost: number;
  readonly promoted: number;
  readonly rolledBack: number;
  readonly wrong: readonly string[];
};

export type Pair = { readonly one: Played; readonly two: Played; readonly takeover: Takeover };

/** How many times as much two workers take as one. */
export const ratioOf = (one: number, two: number): number => Math.round((100 * two) / one) / 100;

const againAt = (delaysMs: readonly number[]): string =>
  delaysMs.length === 0 ? 'none' : describeMs(spreadOf(delaysMs));

/** The rows of the table, for both numbers of workers. */
export function judgePair(shared: number, { one, two, takeover }: Pair): readonly Row[] {
  const { open, orphaned, observedAgainMs, renewedAgainMs } = takeover;
  const compare = (what: string, unit: string, key: 'p99Ms' | 'kilobytesEach' | 'coreMsEach'): Row => ({
    what,
    measured: `one ${Math.round(10 * one[key]) / 10} ${unit}, two ${Math.round(10 * two[key]) / 10} ${unit}: ${ratioOf(one[key], two[key])} ×`,
    bar: '–',
    isMet: true,
  });
  const wrong = one.wrong.length + two.wrong.length;
  const lost = one.lost + two.lost;
  return [
    compare(
      `breach → weight 0, p99, ${atOnce} canaries broken at once among ${shared}; one worker, two`,
      'ms',
      'p99Ms',
    ),
    compare('memory of an exposed release, all workers together', 'kB', 'kilobytesEach'),
    compare('processor of an exposed release in a second, all workers together', 'ms of a core', 'coreMsEach'),
    {
      what: `the busier of two workers killed, ${orphaned} of ${open} releases its own: the kill → observed again`,
      measured: againAt(observedAgainMs),
      bar: `all ${orphaned}`,
      isMet: observedAgainMs.length === orphaned,
    },
    {
      what: 'the same: the kill → lease renewed again',
      measured: againAt(renewedAgainMs),
      bar: `all ${orphaned}`,
      isMet: renewedAgainMs.length === orphaned,
    },
    { what: 'leases lost', measured: `${lost}`, bar: '0', isMet: lost === 0 },
    {
      what: 'all of them ended right',
      measured: `${one.rolledBack + two.rolledBack} rolled back with proof, ${one.promoted + two.promoted} promoted, ${wrong} wrong`,
      bar: '0 wrong',
      isMet: wrong === 0,
    },
  ];
}
