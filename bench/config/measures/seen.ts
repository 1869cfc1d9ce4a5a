import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../../src/core/seeded-random';
import { nowMs } from '../../../src/stack/load-sender';
import type { Bench } from '../../bench';
import type { Outcome } from '../../outcome';
import { describeMs, spreadOf } from '../../spread';
import type { ConfigOptions } from '../options';
import { watchFlagd, watchShop, watchUnleash, type Watched } from '../watched';

const barMs = 2_000;
const neededCases = 20;
const patienceMs = 30_000;
const lookEveryMs = 10;

type Seen = { readonly afterBegunMs: number; readonly afterWrittenMs: number };

/** From the adapter's call, and from its return, to the first look that finds the new value. */
async function changeOnce(watched: Watched, value: boolean): Promise<Seen> {
  const begunMs = nowMs();
  await watched.set(value);
  const writtenMs = nowMs();
  while ((await watched.see()) !== value) {
    if (nowMs() - begunMs > patienceMs) throw new Error(`${watched.name}: not seen within ${patienceMs} ms`);
    await sleep(lookEveryMs);
  }
  return { afterBegunMs: nowMs() - begunMs, afterWrittenMs: nowMs() - writtenMs };
}

/** Turned on and off in turn, at moments that fall anywhere between two looks. */
async function changeOften(watched: Watched, cases: number, random: () => number): Promise<readonly Seen[]> {
  const found: Seen[] = [];
  while (found.length < cases) {
    await sleep(1_500 * random());
    found.push(await changeOnce(watched, found.length % 2 === 0));
  }
  return found;
}

/** How long a change of a flag or of the configuration takes until an SDK client or the service goes by it. */
export async function measureSeen(bench: Bench, { cases, seed }: ConfigOptions): Promise<Outcome> {
  const random = seededRandom(seed);
  const found: { readonly name: string; readonly all: readonly Seen[] }[] = [];
  for (const watch of [watchUnleash, watchFlagd, watchShop]) {
    const watched = await watch(bench);
    try {
      found.push({ name: watched.name, all: await changeOften(watched, cases, random) });
    } finally {
      await watched.stop();
    }
  }
  const spreads = found.map(({ name, all }) => ({
    name,
    written: spreadOf(all.map(({ afterWrittenMs }) => afterWrittenMs)),
    begun: spreadOf(all.map(({ afterBegunMs }) => afterBegunMs)),
  }));
  return {
    figures: Object.fromEntries(
      spreads.map(({ name, written, begun }) => [name, { afterWrittenMs: written, afterBegunMs: begun }]),
    ),
    rows: spreads.flatMap(({ name, written, begun }) => [
      {
        what: `${name}: from the return of the adapter's write`,
        measured: describeMs(written),
        bar: `max ≤ ${barMs} ms`,
        isMet: written.max <= barMs,
      },
      { what: 'of it, with the write itself', measured: describeMs(begun), bar: '–', isMet: true },
    ]),
    isWhole: cases >= neededCases,
  };
}
