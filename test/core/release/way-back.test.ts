import type { RollbackMode } from '../../../src/core/plan/plan';
import type { Failure } from '../../../src/core/release/events';
import { explain } from '../../../src/core/release/explain';
import type { ReleaseState } from '../../../src/core/release/state';
import { isDraining } from '../../../src/core/release/way-back';
import { after, compiled, exposed, sealed, snapshot } from './sample';

const plannedAs = (onBreach: RollbackMode, onAbort: RollbackMode) => ({
  ...sealed,
  plan: { ...sealed.plan, rollbackModes: { ...sealed.plan.rollbackModes, onBreach, onAbort } },
});
const turned = (
  code: Failure['code'],
  [onBreach, onAbort]: readonly [RollbackMode, RollbackMode],
  asked?: RollbackMode,
): ReleaseState =>
  after([
    { type: 'compiled', sealed: plannedAs(onBreach, onAbort) },
    ...exposed.slice(1),
    { type: 'failed', failure: { code, reason: 'why', ...(asked === undefined ? {} : { mode: asked }) } },
  ]);

it.each<[Failure['code'], RollbackMode, RollbackMode, RollbackMode | undefined, RollbackMode]>([
  ['GuardrailBroken', 'emergency', 'drain', undefined, 'emergency'],
  ['GuardrailBroken', 'drain', 'emergency', undefined, 'drain'],
  ['NoData', 'drain', 'emergency', undefined, 'drain'],
  ['EffectFailed', 'emergency', 'drain', undefined, 'emergency'],
  ['Aborted', 'emergency', 'emergency', undefined, 'emergency'],
  ['Aborted', 'emergency', 'drain', undefined, 'drain'],
  ['Aborted', 'emergency', 'emergency', 'drain', 'drain'],
  ['Aborted', 'drain', 'drain', 'emergency', 'emergency'],
  ['GateRejected', 'emergency', 'drain', undefined, 'drain'],
  ['GateExpired', 'emergency', 'drain', undefined, 'drain'],
  ['PauseExpired', 'emergency', 'drain', undefined, 'drain'],
  ['WatchFailed', 'drain', 'drain', undefined, 'emergency'],
  ['LeaseExpired', 'drain', 'drain', undefined, 'emergency'],
  ['Flooded', 'drain', 'drain', undefined, 'emergency'],
])('%s, on breach %s, on abort %s, asked for %s: %s', (code, onBreach, onAbort, asked, mode) => {
  expect(turned(code, [onBreach, onAbort], asked).wayBack?.mode).toBe(mode);
});

it('has nothing to drain before anybody was exposed', () => {
  const state = after([
    { type: 'compiled', sealed: plannedAs('drain', 'drain') },
    { type: 'snapshot-taken', snapshot, rolesMac: 'mac', keptMac: 'kept' },
    { type: 'failed', failure: { code: 'Aborted', reason: 'why' } },
  ]);
  expect(state.wayBack?.mode).toBe('emergency');
  expect(after([compiled]).wayBack).toBeUndefined();
});

it('says each step in the one sentence, and who may end it', () => {
  const progress = { canaryPercent: 12, nextPercent: 6, nextAtMs: Date.UTC(2026, 0, 1, 10, 0, 10), sessions: 3 };
  const state = after([{ type: 'drain-progressed', progress }], turned('Aborted', ['emergency', 'drain']));
  expect(isDraining(state)).toBe(true);
  expect(explain(state).sentence).toMatch(
    /^Rolling back step by step: why, .*next: 12 % → 6 % at 10:00:10 UTC, 3 requests at work on the canary; anyone may end it at once/,
  );
});

it('is over at once when it is not calm any more, also where it waited for the baseline', () => {
  const stuck = after(
    [
      { type: 'compensation-started', effect: 'expose/shop' },
      { type: 'compensation-stuck', effect: 'expose/shop', reason: 'the baseline in blue is absent' },
    ],
    turned('Aborted', ['emergency', 'drain']),
  );
  expect([stuck.phase, isDraining(stuck)]).toEqual(['RollbackIncomplete', true]);
  const ended = after([{ type: 'escalated', reason: 'latency 3 above 1', by: 'spillway' }], stuck);
  expect([ended.phase, isDraining(ended), ended.compensations['expose/shop']?.status]).toEqual([
    'RollingBack',
    false,
    'pending',
  ]);
  expect(explain(ended).why).toBe('why; at once since latency 3 above 1');
});

it('is over when nobody is left on the canary', () => {
  const state = after(
    [{ type: 'compensation-verified', effect: 'expose/shop', detail: 'closed' }],
    turned('Aborted', ['emergency', 'drain']),
  );
  expect(isDraining(state)).toBe(false);
});
