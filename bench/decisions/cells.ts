import { joinCells, type CellResult, type CellTask } from './cell';
import type { CoverageResult } from './coverage';
import type { Pool } from './pool';
import { titleOf, type Scenario } from './streams/scenario';

/** Asks threads for whole cells, each of them once: measures share them. */
export type Cells = {
  readonly seed: number;
  /** Streams of a row in which nothing is wrong, and of one in which something is. */
  readonly streams: number;
  readonly badStreams: number;
  run(scenario: Scenario, judges?: CellTask['judges'], streams?: number): Promise<CellResult>;
  cover(scenario: Scenario): Promise<CoverageResult>;
};

const perThread = 4;
const most = 250;

/** Whole numbers from 0 to `streams` in parts that keep all threads busy to the end. */
function partsOf(streams: number, threads: number): readonly { readonly from: number; readonly to: number }[] {
  const size = Math.max(1, Math.min(most, Math.ceil(streams / threads / perThread)));
  return Array.from({ length: Math.ceil(streams / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(streams, (i + 1) * size),
  }));
}

export function createCells(
  pool: Pool,
  { seed, streams, say }: { readonly seed: number; readonly streams: number; readonly say: (line: string) => void },
): Cells {
  const badStreams = Math.min(1_000, Math.max(100, Math.round(streams / 10)));
  const known = new Map<string, Promise<CellResult>>();

  const run = async (scenario: Scenario, judges: CellTask['judges'], count: number): Promise<CellResult> => {
    const startedMs = Date.now();
    const answers = await Promise.all(
      partsOf(count, pool.threads).map((part) =>
        pool.run({ kind: 'cell', asked: { scenario, seed, judges, ...part } }),
      ),
    );
    say(`  ${titleOf(scenario)}: ${count} streams in ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`);
    return joinCells(answers.flatMap((answer) => (answer.kind === 'cell' ? [answer.found] : [])));
  };
  return {
    seed,
    streams,
    badStreams,
    run(scenario, judges = 'all', count = scenario.kind === 'clean' ? streams : badStreams) {
      const key = `${titleOf(scenario)}/${judges}/${count}`;
      const found = known.get(key) ?? run(scenario, judges, count);
      known.set(key, found);
      return found;
    },
    async cover(scenario) {
      const startedMs = Date.now();
      const answers = await Promise.all(
        partsOf(streams, pool.threads).map((part) =>
          pool.run({ kind: 'coverage', asked: { scenario, seed, ...part } }),
        ),
      );
      const parts = answers.flatMap((answer) => (answer.kind === 'coverage' ? [answer.found] : []));
      say(`  ${titleOf(scenario)}: ${streams} streams in ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`);
      return { missed: parts.flatMap(({ missed }) => missed), widths: parts.flatMap(({ widths }) => widths) };
    },
  };
}
