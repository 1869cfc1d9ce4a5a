import { openSimulation, runSeeds } from './campaign';
import type { Mutation } from './server/workflow-code';

const mostSeeds = 1_000;

/** Each takes one safeguard out of the real code; the simulation must notice, or it could not fail at all. */
type Mutant = readonly [what: string, mutation: Mutation];
const mutants: readonly Mutant[] = [
  [
    'undoing skips what it requires',
    { from: "'pending' && blockedBy(plan, status, key).length === 0", to: "'pending'" },
  ],
  [
    'a gate opens by itself',
    { from: '?.approvals.length ?? 0) >= approvals &&', to: '?.approvals.length ?? 0) >= 0 &&' },
  ],
  ['nobody watches', { from: 'watch.start(stage.id);', to: '' }],
  ['nothing is proved', { from: 'if (await prove()) return;', to: 'await prove(); return;' }],
  [
    'the first effect is never undone',
    { from: 'Object.fromEntries(state.journal.map(', to: 'Object.fromEntries(state.journal.slice(1).map(' },
  ],
  ['a pause holds nothing back', { from: 'await waitFor(run, ()=>run.state().paused === undefined);', to: '' }],
  [
    'what an earlier run had begun is waited for',
    { from: "if (status === 'running' && key !== proofKey) begin(key);", to: '' },
  ],
];

test.each(mutants)('the simulation notices when %s', async (_what, mutation) => {
  const simulation = await openSimulation([mutation]);
  const { broken } = await runSeeds(simulation, { firstSeed: 1, count: mostSeeds, mostBroken: 1 });
  expect(broken).toHaveLength(1);
});
