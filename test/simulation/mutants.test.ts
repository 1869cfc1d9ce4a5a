import { openSimulation, runSeeds } from './campaign';
import type { Mutation } from './server/workflow-code';

const mostSeeds = 6_000;

/** Each takes one safeguard out of the real code; the simulation must notice, or it could not fail at all. */
type Mutant = readonly [what: string, mutation: Mutation, firstSeed?: number];

/** A new run that goes on with something else than the last one knew. */
const carriesOn = (change: string): Mutation => ({
  from: /carry: \(\)=>\(\{\s*state,/,
  to: `carry: ()=>({ state: { ...state, ${change} },`,
});

const forward: readonly Mutant[] = [
  [
    'a gate opens by itself',
    { from: '?.approvals.length ?? 0) >= approvals &&', to: '?.approvals.length ?? 0) >= 0 &&' },
  ],
  [
    'whoever started a release approves it',
    { from: 'isApproval && !rule.requesterMayApprove && message.by === state.requestedBy', to: 'false' },
  ],
  ['anybody approves', { from: 'rule.members !== undefined && !rule.members.includes(message.by)', to: 'false' }],
  [
    'an approval that comes twice counts twice',
    { from: 'const isNew = ({ id })=>!run.state().seenIds.includes(id);', to: 'const isNew = ()=>true;' },
  ],
  ['nobody watches', { from: 'watch.start(stage.id);', to: '' }],
  ['evidence is not waited for', { from: "watch.class === 'advance' && paused", to: 'paused' }],
  ['a breach turns nothing back', { from: 'run.turnBack(failureOf(found), found.verdicts);', to: '' }],
  // Held back by nothing at all, a gate would ask itself for ever, in a loop that no timeout of a test ends.
  [
    'a pause holds nothing back for longer than a second',
    { from: 'await waitFor(run, ()=>run.state().paused === undefined);', to: 'await waitFor(run, ()=>false, 1000);' },
  ],
  ['a second controller is not noticed', { from: 'writer.count > slips', to: 'false' }],
  ['a second controller turns nothing back', { from: "if (rule === 'roll-back') return 'roll-back';", to: '' }],
  ['a gate has no end', { from: "isLate && gate.onTimeout === 'roll-back'", to: 'false' }],
];

const backward: readonly Mutant[] = [
  [
    'undoing skips what it requires',
    { from: "'pending' && blockedBy(plan, status, key).length === 0", to: "'pending'" },
  ],
  [
    'undoing skips what is stuck',
    { from: "=== 'waived' || status === 'not-needed'", to: "=== 'waived' || status === 'stuck'" },
  ],
  ['nothing is proved', { from: 'if (await prove()) return;', to: 'await prove(); return;' }],
  [
    'the first effect is never undone',
    { from: 'Object.fromEntries(state.journal.map(', to: 'Object.fromEntries(state.journal.slice(1).map(' },
  ],
];

const newRuns: readonly Mutant[] = [
  [
    'what an earlier run had begun is waited for',
    { from: "if (status === 'running' && key !== proofKey) begin(key);", to: '' },
  ],
  ['a new run forgets the approvals', carriesOn('gates: {}')],
  ['a new run forgets which messages acted', carriesOn('seenIds: []')],
  ['a new run forgets the pause', carriesOn('paused: undefined')],
  [
    'a new run waits for a repair that ended with the run before',
    { from: 'beforeLoss)(carried.state)', to: 'beforeLoss)(carried.state) && carried.state' },
  ],
  ['a new run forgets what was begun', carriesOn('journal: []')],
];

const recoveries: readonly Mutant[] = [
  [
    'a recovery from the store undoes nothing',
    { from: 'event.isJournalWhole ? found.journal : wholeJournal(found, atMs)', to: 'found.journal' },
  ],
  [
    'a recovery believes that what was undone is undone',
    {
      from: 'compensations: Object.fromEntries(journal.map(',
      to: 'compensations: found.failure !== undefined ? found.compensations : Object.fromEntries(journal.map(',
    },
    // Seldom noticed: the search begins where it was last found.
    4_700,
  ],
  ['a recovery does not go on in a new run', { from: 'carried.state.grant?.firstRunId ?? ', to: '' }],
];

const contracts: readonly Mutant[] = [
  [
    'a contract begins when nobody approves',
    {
      from: /while\s?\(![^;{]*isDecided\)?\(state\(\)\)\)/,
      to: 'while (false)',
    },
  ],
  [
    'whoever started a release approves its contract',
    { from: 'if (isApproval && !gate.requesterMayApprove && message.by === state.requestedBy)', to: 'if (false)' },
  ],
];

const all = [...forward, ...backward, ...newRuns, ...recoveries, ...contracts];

test.each(all.map(([what, mutation, firstSeed = 1]) => ({ what, mutation, firstSeed })))(
  'the simulation notices when $what',
  async ({ mutation, firstSeed }) => {
    const simulation = await openSimulation([mutation]);
    const { broken } = await runSeeds(simulation, { firstSeed, count: mostSeeds, mostBroken: 1 });
    expect(broken).toHaveLength(1);
  },
  // Thousands of releases, on a processor that other tests use too.
  600_000,
);
