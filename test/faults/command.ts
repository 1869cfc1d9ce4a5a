import { parseArgs } from 'node:util';
import { matrixOf, randomCases } from './cases';
import { runCases } from './run';
import { sampleOf } from './sample';
import { splitWorld } from './split-world';

/** `npm run faults`: plays cases of the kill matrix; one alone with `--case N`. Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '7' },
      case: { type: 'string', multiple: true },
      cases: { type: 'string', default: '60' },
      lanes: { type: 'string', default: '4' },
      freeze: { type: 'string', default: '4000' },
      only: { type: 'string', default: '' },
    },
  });
  const seed = Number(values.seed);
  const matrix = matrixOf(seed);
  const numbers = (values.case ?? []).map(Number);
  const most = Math.max(0, ...numbers) + 1;
  const known = [...matrix, ...randomCases(seed, Math.max(0, most - matrix.length))];
  const found =
    numbers.length > 0
      ? known.filter(({ number }) => numbers.includes(number))
      : sampleOf(
          matrix.filter((fault) => JSON.stringify(fault).includes(values.only)),
          Number(values.cases),
        );
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}: ${found.length} of ${matrix.length} cases`);
  const played = await runCases(found, {
    world: splitWorld,
    fsync: false,
    lanes: Number(values.lanes),
    freezeMs: Number(values.freeze),
    say,
  });
  const broken = played.filter((one) => one.broken.length > 0);
  say(`${played.length - broken.length} of ${played.length} cases hold every invariant`);
  return broken.length === 0 ? 0 : 1;
}
