import type { SealedPlan } from '../../src/core/plan/plan';
import { runInterleaving, type Interleaving } from './interleaving';
import { compilePlans } from './plans';
import { bundleWorkflows, openSandbox, type Mutation, type Sandbox } from './server/workflow-code';

export type Campaign = {
  readonly interleavings: number;
  readonly broken: readonly Interleaving[];
  /** How many ended how. */
  readonly endings: { readonly [ending: string]: number };
  readonly steps: number;
};

/** The real workflows, or mutated ones, ready to be run seed by seed. */
export async function openSimulation(mutations: readonly Mutation[] = []) {
  const [code, plans] = await Promise.all([bundleWorkflows(), compilePlans()]);
  const sandbox = openSandbox(code, mutations);
  return { sandbox, plans };
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs seeds one after the other; stops early where `mostBroken` are found. */
export async function runSeeds(
  { sandbox, plans }: { readonly sandbox: Sandbox; readonly plans: readonly SealedPlan[] },
  {
    firstSeed,
    count,
    mostBroken = 5,
  }: { readonly firstSeed: number; readonly count: number; readonly mostBroken?: number },
): Promise<Campaign> {
  const endings: { [ending: string]: number } = {};
  const broken: Interleaving[] = [];
  let interleavings = 0;
  let steps = 0;
  for (let seed = firstSeed; seed < firstSeed + count && broken.length < mostBroken; seed += 1) {
    const found = runInterleaving(sandbox, plans, seed);
    interleavings += 1;
    steps += found.steps;
    endings[found.ending ?? 'none'] = (endings[found.ending ?? 'none'] ?? 0) + 1;
    if (found.broken.length > 0) broken.push(found);
    // An unhandled rejection of the workflow's code is only told between two turns of the event loop.
    if (seed % 100 === 0) await breathe();
  }
  await breathe();
  return { interleavings, broken, endings, steps };
}

/** How to see one seed again, step by step. */
export const howToRepeat = ({ seed, broken }: Interleaving): string =>
  `seed ${seed}: ${broken[0] ?? ''}\n  again, with every step: SIMULATION_SEED=${seed} npx jest test/simulation/interleavings.test.ts`;
