import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { crowdedFacts } from '../core/evidence/waiting';
import type { SealedEffect } from '../core/plan/effects';
import type { Author, Permit, SealedPlan } from '../core/plan/plan';
import { renderDetails } from '../core/release/details';
import type { Verdict } from '../core/analysis/types';
import { tooLateToTurn } from '../core/release/admit';
import { explain } from '../core/release/explain';
import { isDraining } from '../core/release/way-back';
import type { Failure, ReleaseEvent } from '../core/release/events';
import { applyEvent, type ReleaseState } from '../core/release/state';
import { mostRefusedMessages } from '../core/release/apply-message';
import type { NotificationKind } from '../core/plan/plan';
import { isRepeat } from '../core/release/repeats';
import { attributes } from './attributes';
import { createBacklog, type CarriedBacklog } from './backlog';
import { connectActivities, type Connected } from './retries';
import { createShow } from './show';

/** What a release is while it runs: everything here is plain data but the activities. */
export type Carried = CarriedBacklog & { readonly state: ReleaseState };

/** The one place where a release changes: an event is applied, becomes evidence and is shown. `flush` publishes what waits. */
export function createRun(carried: Carried, environment: string, flush: () => void) {
  let { state } = carried;
  const backlog = createBacklog(carried);
  let shown = '';
  let waits = 0;
  let wasBusyWhenTurned = false;
  const activities: Connected = connectActivities(environment);
  const show = createShow(() => state, explain);
  show();

  /** One upsert where phase, stage or verdict class changed: each is an event of the history. */
  function showAttributes(): void {
    const verdict = state.failure === undefined ? (state.watch?.class ?? 'none') : 'fail';
    const stage = state.stage ?? 'none';
    const next = `${state.phase} ${stage}`;
    if (next === shown) return;
    shown = next;
    upsertSearchAttributes([
      { key: attributes.phase, value: state.phase },
      { key: attributes.stage, value: stage },
      { key: attributes.verdict, value: verdict },
    ]);
  }

  return {
    activities,
    state: (): ReleaseState => state,
    sealed(): SealedPlan {
      if (state.sealed === undefined) throw new Error('the plan is not compiled yet');
      return state.sealed;
    },
    permit(): Permit {
      const { snapshot, rolesMac, grant } = state;
      if (snapshot === undefined || rolesMac === undefined) throw new Error('the snapshot is not taken yet');
      return { seal: this.sealed().seal, roles: snapshot.roles, rolesMac, ...(grant === undefined ? {} : { grant }) };
    },
    author(): Author {
      const { seal, mac } = this.sealed();
      return { seal, mac, ...(state.grant === undefined ? {} : { grant: state.grant }) };
    },
    sealedEffect(key: string): SealedEffect {
      const { effects, contract } = this.sealed();
      const found = [...effects, ...contract].find(({ effect }) => effect.key === key);
      if (found === undefined) throw new Error(`the plan has no effect ${key}`);
      return found;
    },
    record(event: ReleaseEvent): void {
      const atMs = Date.now();
      // What is under way when a person or the watch turns the release back may still write after the first undo.
      if (event.type === 'failed' && state.failure === undefined)
        wasBusyWhenTurned =
          (waits === 0 || state.splitLost !== undefined) &&
          !['EffectFailed', 'CheckFailed'].includes(event.failure.code);
      // A late activity of the run that was cut off may do the same.
      if (event.type === 'recovered') wasBusyWhenTurned = true;
      const isAgain = isRepeat(state, event, atMs);
      state = applyEvent(state, { atMs, event });
      show();
      // A flood of bad messages is counted, not stored: evidence stays small enough to be carried on.
      if (isAgain || (event.type === 'message-refused' && state.refusedMessageCount > mostRefusedMessages)) return;
      // When it is over, the gap marker says so in the evidence.
      if (event.type !== 'store-away') backlog.add(event, atMs);
      setCurrentDetails(renderDetails(state));
      if (backlog.waiting().facts >= crowdedFacts) flush();
    },
    notify(kind: NotificationKind, fact: string, text: string): void {
      backlog.notify({ id: `${workflowInfo().firstExecutionRunId}/${fact}`, kind, text, atMs: Date.now() });
    },
    backlog,
    showAttributes,
    isGoingBack: (): boolean => state.failure !== undefined,
    /** Why the release turns back, unless it does already or it is too late. */
    turnBack(failure: Failure, verdicts?: readonly Verdict[]): void {
      if (tooLateToTurn(state) === undefined)
        this.record({ type: 'failed', failure, ...(verdicts === undefined ? {} : { verdicts }) });
    },
    /** Ends a drain at once; false when there is none. */
    escalate(reason: string, by = 'spillway'): boolean {
      if (!isDraining(state)) return false;
      this.record({ type: 'escalated', reason, by });
      return true;
    },
    wasBusyWhenTurned: (): boolean => wasBusyWhenTurned,
    /** Whether the way forward only waits: nothing is under way that a continue-as-new would cut. */
    isWaiting: (): boolean => waits > 0,
    async whileWaiting<T>(wait: () => Promise<T>): Promise<T> {
      waits += 1;
      try {
        return await wait();
      } finally {
        waits -= 1;
      }
    },
    carry: (): Carried => ({ state, ...backlog.carry() }),
  };
}

export type Run = ReturnType<typeof createRun>;
