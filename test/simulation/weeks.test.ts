import type { ContractState } from '../../src/core/release/contract-state';
import type { ReleaseState } from '../../src/core/release/state';
import { openSimulation } from './campaign';
import { createScripted } from './scripted';
import { signatureOf } from './world';

/*
 * Weeks that are full of work. The time-skipping server cannot pass them: an activity that a run leaves under way when it
 * goes on in a new one locks its time for ever.
 */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const stuckMs = 14 * dayMs;

const simulation = openSimulation();
const said = (id: string, by: string, more: object = {}) => ({ id, by, why: 'a reason', ...more });

/** A release of the plan that asks for two approvals, or of the one with nothing but a migration and a contract. */
async function scripted(
  plan: 'two approvals' | 'contract',
  isStuck: (target: string, nowMs: number) => boolean,
  historyLimit?: number,
) {
  const { sandbox, plans } = await simulation;
  const sealed = plans[plan === 'contract' ? 0 : 1];
  if (sealed === undefined) throw new Error('the simulation has no such plan');
  return createScripted({ sandbox, sealed, historyLimit }, (target, nowMs) =>
    isStuck(target, nowMs) ? 'refused' : 'goes-on',
  );
}

/** The numbers of the facts in the store, each once, in their order. */
const seqsOf = (
  published: readonly {
    readonly row: { readonly release: string };
    readonly evidence: readonly { readonly seq: number }[];
  }[],
  release: string,
) =>
  [
    ...new Set(
      published.filter(({ row }) => row.release === release).flatMap(({ evidence }) => evidence.map(({ seq }) => seq)),
    ),
  ].sort((a, b) => a - b);

test('a rollback that is stuck for two weeks is carried through its new runs, and ends proved when the target is back', async () => {
  let stuckFromMs = Infinity;
  const play = await scripted(
    'two approvals',
    (target, nowMs) => target === 'deployer' && nowMs >= stuckFromMs && nowMs < stuckFromMs + stuckMs,
  );
  const { world, server, releaseId } = play;
  const state = (): ReleaseState => play.stateOf(releaseId);
  const before = signatureOf(world);
  play.start('eve');
  expect(play.until(() => 'go' in (state()?.gates ?? {}), hourMs)).toBe(true);
  for (const [id, by] of [
    ['first', 'ada'],
    ['second', 'bob'],
  ] as const)
    server.update(releaseId, 'approve', said(id, by, { gate: 'go' }));
  expect(play.until(() => state().stage === 'expose-25', hourMs)).toBe(true);
  play.pass(minuteMs);
  stuckFromMs = play.nowMs();
  server.signal(releaseId, 'abort', said('stop', 'dee'));
  play.pass(7 * dayMs);
  const { phase, gates, failure } = state();
  expect([phase, failure?.by]).toEqual(['RollbackIncomplete', 'dee']);
  expect(gates['go']?.approvals.map(({ id, by }) => [id, by])).toEqual([
    ['first', 'ada'],
    ['second', 'bob'],
  ]);
  // A person tries by hand, and the same message comes again a week later.
  server.update(releaseId, 'retry', said('by hand', 'ada', { effect: 'deploy/shop' }));
  play.pass(6 * dayMs);
  const { stuckCount = 0 } = state().compensations['deploy/shop'] ?? {};
  server.update(releaseId, 'retry', said('by hand', 'ada', { effect: 'deploy/shop' }));
  play.pass(1_000);
  expect(state().compensations['deploy/shop']).toMatchObject({ status: 'stuck', stuckCount });
  expect(state().seenIds).toEqual(expect.arrayContaining(['first', 'second', 'by hand']));
  // Tried every five minutes all the while.
  expect(stuckCount).toBeGreaterThan((13 * dayMs) / (6 * minuteMs));
  expect(play.until(() => server.find(releaseId) === undefined, 2 * dayMs)).toBe(true);
  const closings = play.closings(releaseId);
  expect(closings.length).toBeGreaterThan(3);
  expect(closings.slice(0, -1).every(({ kind }) => kind === 'continued')).toBe(true);
  expect(closings.at(-1)).toMatchObject({ kind: 'failed', type: 'Aborted' });
  expect(state().proof?.isRestored).toBe(true);
  expect(play.nowMs() - stuckFromMs).toBeLessThan(stuckMs + 10 * minuteMs);
  expect(signatureOf(world)).toBe(before);
  const seqs = seqsOf(world.published, 'run-1');
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});

test('a contract whose migration is refused for two weeks is tried every hour through its new runs, and once it is taken it is over', async () => {
  let stuckFromMs = Infinity;
  const play = await scripted(
    'contract',
    (target, nowMs) => target === 'database' && nowMs >= stuckFromMs && nowMs < stuckFromMs + stuckMs,
    1_000,
  );
  const { world, server, releaseId, contractId } = play;
  const contract = (): ContractState => play.stateOf(contractId);
  play.start('eve');
  expect(play.until(() => server.find(releaseId) === undefined, dayMs)).toBe(true);
  expect(play.closings(releaseId).at(-1)).toMatchObject({ kind: 'completed', result: { ending: 'Promoted' } });
  play.pass(dayMs);
  stuckFromMs = play.nowMs();
  server.update(contractId, 'approve', said('yes', 'ada', { gate: 'contract' }));
  play.pass(13 * dayMs);
  const { phase, approvals, seenIds, parts } = contract();
  expect([phase, approvals.map(({ by }) => by), seenIds]).toEqual(['ContractIncomplete', ['ada'], ['yes']]);
  expect(parts[0]?.stuckCount).toBeGreaterThan(13 * 24);
  expect(play.until(() => server.find(contractId) === undefined, 2 * dayMs)).toBe(true);
  const closings = play.closings(contractId);
  expect(closings.length).toBeGreaterThan(1);
  expect(closings.at(-1)).toMatchObject({ kind: 'completed', result: { phase: 'Contracted' } });
  expect(play.nowMs() - stuckFromMs).toBeLessThan(stuckMs + 2 * hourMs);
  expect(world.ledger.get('migrate/002/contract')).toMatchObject({ isApplied: true, isUndone: false });
  const seqs = seqsOf(world.published, 'run-1/contract');
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});
