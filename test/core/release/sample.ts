import type { Effect } from '../../../src/core/plan/effects';
import type { SealedPlan } from '../../../src/core/plan/plan';
import type { ReleaseEvent } from '../../../src/core/release/events';
import type { Proof } from '../../../src/core/release/proof';
import type { Snapshot, World } from '../../../src/core/release/snapshot';
import { applyEvent, newRelease, type ReleaseState } from '../../../src/core/release/state';
import { everything, planOf } from '../plan/shop-sources';

export const startMs = Date.UTC(2026, 0, 1);

const plan = planOf({
  descriptor: {
    ...everything,
    gates: { go: { approvals: 2, from: ['leads'], timeout: '4h' } },
    owners: { lead: 'Ada', rollbackCaptain: 'Cora' },
  },
});

/** A plan with everything in it; its seal is no real one. */
export const sealed: SealedPlan = {
  plan,
  seal: { planDigest: 'sha256:abc', environment: 'staging', workflowId: 'release/staging/shop', firstRunId: 'run-1' },
  mac: 'mac',
  effects: plan.effects.map((effect) => ({ effect, mac: 'mac' })),
  contract: plan.contract.map((effect) => ({ effect, mac: 'mac' })),
};

const [rule] = plan.contract.flatMap((effect) => ('rule' in effect && effect.rule !== undefined ? [effect.rule] : []));
if (rule === undefined) throw new Error('the plan has no contract');

/** A login that contract revokes. */
export const revoking: Effect = {
  kind: 'revoke',
  key: 'revoke/login',
  target: 'login',
  login: 'shop_a',
  named: { configuration: 'limits', setting: 'databaseLogin', traffic: 'edge' },
  rule,
};

export const world: World = {
  takenAt: '2026-01-01T00:00:00.000Z',
  slots: {
    blue: { weight: 100, state: 'ready', version: '1.0.0', running: true, release: 'first' },
    green: { weight: 0, state: 'maint', version: null, running: false, release: null },
  },
  schemas: { orders: { 'table orders': 'd1' }, stock: { 'table stock': 'd2' } },
  configuration: { limits: { blue: 'c1', green: 'absent' } },
  flags: { switches: { 'two-names': null, 'stop-checkout': [true] } },
  invariants: { 'no-order-lost': 0 },
  baselineErrors: { requests: 1_000, bad: 1 },
};

export const snapshot: Snapshot = { world, roles: { baseline: 'blue', canary: 'green' } };
export const holding: Proof = { isRestored: true, lines: [], drift: [] };
export const broken: Proof = {
  isRestored: false,
  lines: [{ object: 'schema orders', expected: 'd1', observed: 'd9', isEqual: false }],
  drift: [],
};

/** The state after these events, a second apart. */
export const after = (events: readonly ReleaseEvent[], from: ReleaseState = newRelease('cem', startMs)): ReleaseState =>
  events.reduce((state, event, index) => applyEvent(state, { atMs: startMs + (index + 1) * 1_000, event }), from);

export const compiled: ReleaseEvent = { type: 'compiled', sealed };
export const ready: readonly ReleaseEvent[] = [
  compiled,
  { type: 'snapshot-taken', snapshot, rolesMac: 'mac', keptMac: 'kept' },
];
export const at = (stageId: string): ReleaseEvent => ({ type: 'stage-started', stageId });
export const failed: ReleaseEvent = {
  type: 'failed',
  failure: { code: 'GuardrailBroken', reason: 'http-errors 12 % above 1 %', metric: 'http-errors' },
};
export const atGate: readonly ReleaseEvent[] = [
  ...ready,
  at('gate-go'),
  {
    type: 'gate-opened',
    gate: 'go',
    deadlineMs: startMs + 14_400_000,
    pack: { planDigest: 'sha256:abc', verdicts: [] },
  },
];
export const exposed: readonly ReleaseEvent[] = [
  ...ready,
  { type: 'effect-intended', effect: 'deploy/shop', title: 'deploy' },
  { type: 'effect-done', effect: 'deploy/shop', detail: 'runs' },
  { type: 'effect-intended', effect: 'expose/shop', title: 'expose' },
  at('expose-5'),
];
