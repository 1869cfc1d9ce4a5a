import { matrixOf, type FaultCase } from './cases';
import { describeAgain, nameOf } from './describe-case';
import type { Played } from './play';
import { runCases } from './run';
import { sampleOf } from './sample';
import { splitWorld } from './split-world';

const seed = Number(process.env['SPILLWAY_SEED'] ?? 7);
const faults = sampleOf(matrixOf(seed), Number(process.env['SPILLWAY_CASES'] ?? 60));
/** Longer than every heartbeat time-out, so that what a frozen worker held is given to another. */
const freezeMs = 4_000;

let playing: Promise<ReadonlyMap<number, Played>>;

beforeAll(() => {
  playing = runCases(faults, { world: splitWorld, fsync: false, lanes: 3, freezeMs, say: () => undefined }).then(
    (played) => new Map(played.map((one) => [one.fault.number, one])),
  );
  playing.catch(() => undefined);
});

test.each(faults.map((fault): [string, FaultCase] => [nameOf(fault), fault]))(
  `leaves nothing dangerous behind (seed ${seed}): %s`,
  async (_, fault) => {
    const played = (await playing).get(fault.number);
    expect({ again: describeAgain(fault, freezeMs), broken: played?.broken }).toEqual({
      again: describeAgain(fault, freezeMs),
      broken: [],
    });
  },
  1_200_000,
);

afterAll(async () => void (await playing), 1_200_000);
