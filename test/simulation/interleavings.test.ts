import { howToRepeat, openSimulation, runSeeds } from './campaign';
import { runInterleaving } from './interleaving';

/** As many as every change can wait for; `npm run bench:faults -- --only interleavings` runs the fifty thousand. */
const interleavings = 1_500;
const batch = 500;

const simulation = openSimulation();
const oneSeed = process.env['SIMULATION_SEED'];

if (oneSeed === undefined) {
  test('no interleaving of faults, people and time breaks a property of a release', async () => {
    const opened = await simulation;
    const endings = new Map<string, number>();
    let count = 0;
    while (count < interleavings) {
      const found = await runSeeds(opened, { firstSeed: 1 + count, count: batch });
      expect(found.broken.map(howToRepeat)).toEqual([]);
      for (const [ending, more] of Object.entries(found.endings))
        endings.set(ending, (endings.get(ending) ?? 0) + more);
      count += batch;
    }
    // A campaign that reaches no ending of one kind proves nothing about it.
    for (const ending of ['Promoted', 'RolledBack', 'Aborted', 'Refused'])
      expect(endings.get(ending) ?? 0).toBeGreaterThan(count / 50);
  }, 900_000);

  test('the same seed gives the same release, step by step', async () => {
    const { sandbox, plans } = await simulation;
    for (let seed = 1; seed <= 100; seed += 1)
      expect(runInterleaving(sandbox, plans, seed)).toEqual(runInterleaving(sandbox, plans, seed));
  });
} else {
  test(`seed ${oneSeed}, step by step`, async () => {
    const { sandbox, plans } = await simulation;
    const lines: string[] = [];
    const found = runInterleaving(sandbox, plans, Number(oneSeed), (line) => lines.push(line));
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(found.broken).toEqual([]);
  });
}
