import type { FaultCase } from './cases';
import { describeAgain, nameOf } from './describe-case';
import { isQuiet, momentCases } from './moments';
import type { Played } from './play';
import { runCases } from './run';
import { widenWorld } from './widen-world';

const seed = Number(process.env['SPILLWAY_SEED'] ?? 7);
/** One moment of each way, and the undisturbed releases that tell how long they are. */
const endings = ['contracted', 'aborted-full'];
const ways = ['forward', 'contract', 'backward'] as const;
const all = momentCases(seed, { points: 0, moments: 6 }).filter(({ ending }) => endings.includes(ending));
const firstOf = (way: (typeof ways)[number]): readonly FaultCase[] =>
  all.filter(({ strikes = [] }) => strikes[0]?.way === way).slice(0, 1);
const faults = [...all.filter(isQuiet), ...ways.flatMap(firstOf)];

let playing: Promise<ReadonlyMap<number, Played>>;

beforeAll(() => {
  const options = { world: widenWorld, fsync: false, lanes: 1, freezeMs: 4_000, say: () => undefined };
  playing = runCases(faults, options).then((played) => new Map(played.map((one) => [one.fault.number, one])));
  playing.catch(() => undefined);
});

test.each(faults.map((fault): [string, FaultCase] => [nameOf(fault), fault]))(
  `brings a type change to baseline or target, with every row (seed ${seed}): %s`,
  async (_, fault) => {
    const played = (await playing).get(fault.number);
    expect({ again: describeAgain(fault, 4_000), broken: played?.broken }).toEqual({
      again: describeAgain(fault, 4_000),
      broken: [],
    });
  },
  600_000,
);

afterAll(async () => void (await playing), 600_000);
