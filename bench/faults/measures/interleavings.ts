import { howToRepeat, openSimulation, runSeeds } from '../../../test/simulation/campaign';
import type { Measure } from '../measure';

const interleavingsOfBar = 50_000;
const batch = 500;

/** The real workflow in a simulated world: every order of faults, people and time that the seeds give. */
export const interleavings: Measure = {
  name: 'interleavings',
  async run({ seed, say }) {
    const simulation = await openSimulation();
    const startedMs = Date.now();
    const broken: string[] = [];
    const endings = new Map<string, number>();
    let count = 0;
    while (count < interleavingsOfBar && broken.length < 20) {
      const found = await runSeeds(simulation, { firstSeed: seed + count, count: batch, mostBroken: 20 });
      broken.push(...found.broken.map(howToRepeat));
      for (const [ending, more] of Object.entries(found.endings))
        endings.set(ending, (endings.get(ending) ?? 0) + more);
      count += found.interleavings;
      if (count % 5_000 === 0) say(`${count} interleavings, ${broken.length} broken`);
    }
    for (const line of broken) say(line);
    const seconds = (Date.now() - startedMs) / 1_000;
    const shares = [...endings].map(([ending, many]) => `${ending} ${many}`).join(', ');
    return {
      figures: { interleavings: count, broken: broken.length },
      rows: [[`interleavings from seed ${seed}: ${shares}`, `${Math.round(count / seconds)} a second`]],
    };
  },
};
