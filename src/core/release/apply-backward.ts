import { without } from '../without';
import { withChoice } from './data-choice';
import type { ReleaseEvent } from './events';
import { applyRecovery } from './apply-recovery';
import { isRepeat } from './repeats';
import { seeId } from './see-id';
import type { CompensationState, ReleaseState } from './state';
import { rollbackModeOf } from './way-back';

function withCompensation(
  state: ReleaseState,
  effect: string,
  change: Partial<CompensationState>,
): ReleaseState['compensations'] {
  const found = state.compensations[effect] ?? { status: 'pending' };
  // What a person gave up by name stays given up, whatever a late attempt reports.
  if (found.status === 'waived') return state.compensations;
  return { ...state.compensations, [effect]: { ...found, ...change } };
}

const withoutField =
  (field: 'cause' | 'left') =>
  (state: ReleaseState, effect: string): ReleaseState => {
    const found = state.compensations[effect];
    if (found?.[field] === undefined) return state;
    return { ...state, compensations: { ...state.compensations, [effect]: without(found, field) } };
  };
/** What it waited for is asked anew at each attempt. */
const withoutCause = withoutField('cause');
/** Until the next reading it counts as left, so that it is told once. */
const withoutLeft = withoutField('left');

/** Something stuck is shown until nothing is. */
function rollingBack(compensations: ReleaseState['compensations']): Pick<ReleaseState, 'phase' | 'compensations'> {
  const isStuck = Object.values(compensations).some(({ status }) => status === 'stuck');
  return { phase: isStuck ? 'RollbackIncomplete' : 'RollingBack', compensations };
}

/** A compensation is due for every effect that was ever intended: it may have happened. */
function pendingCompensations(state: ReleaseState): ReleaseState['compensations'] {
  return Object.fromEntries(state.journal.map((entry) => [entry.effect, { status: 'pending' }] as const));
}

/** Traffic that waits stuck for the baseline waits no longer. */
function escalated(
  state: ReleaseState,
  wayBack: NonNullable<ReleaseState['wayBack']>,
  { reason, by }: Extract<ReleaseEvent, { type: 'escalated' }>,
  atMs: number,
): Pick<ReleaseState, 'phase' | 'compensations' | 'wayBack'> {
  const key = `expose/${state.sealed?.plan.service ?? ''}`;
  const isStuck = state.compensations[key]?.status === 'stuck';
  return {
    ...rollingBack(isStuck ? withCompensation(state, key, { status: 'pending' }) : state.compensations),
    wayBack: { ...without(wayBack, 'drain'), mode: 'emergency', escalation: { reason, by, atMs } },
  };
}

/** The way back: failures, compensations, proof and ending; undefined for an event of another kind. */
export function applyBackward(state: ReleaseState, event: ReleaseEvent, atMs: number): ReleaseState | undefined {
  switch (event.type) {
    case 'failed':
      return state.failure !== undefined || state.phase === 'Promoted'
        ? state
        : {
            ...without(state, 'paused'),
            phase: 'RollingBack',
            failure: {
              ...event.failure,
              atMs,
              verdicts: event.verdicts ?? state.watch?.verdicts ?? [],
              ...(state.stage === undefined ? {} : { stage: state.stage }),
            },
            wayBack: {
              mode: rollbackModeOf(state, event.failure),
              toldCount: 0,
              ...(event.abortId === undefined ? {} : { abortId: event.abortId }),
            },
            compensations: pendingCompensations(state),
          };
    case 'escalated':
      return state.wayBack === undefined ? state : { ...state, ...escalated(state, state.wayBack, event, atMs) };
    case 'drain-progressed':
      return state.wayBack === undefined
        ? state
        : {
            ...state,
            wayBack: { ...state.wayBack, drain: event.progress, toldCount: state.wayBack.toldCount + 1 },
          };
    case 'recovered':
      return applyRecovery(state, event, atMs);
    case 'compensation-started':
      return {
        ...state,
        ...rollingBack(
          withCompensation(withoutCause(state, event.effect), event.effect, {
            status: 'running',
            startedAtMs: atMs,
            onlyVerify: false,
          }),
        ),
      };
    case 'compensation-verified':
      return {
        ...state,
        ...rollingBack(
          withCompensation(withoutLeft(state, event.effect), event.effect, {
            status: 'verified',
            endedAtMs: atMs,
            detail: event.detail,
            ...(event.left === undefined ? {} : { left: event.left }),
          }),
        ),
      };
    case 'compensation-stuck':
      return {
        ...state,
        ...rollingBack(
          withCompensation(state, event.effect, {
            status: 'stuck',
            detail: event.reason,
            ...(isRepeat(state, event, atMs) ? {} : { toldAtMs: atMs }),
            stuckCount: (state.compensations[event.effect]?.stuckCount ?? 0) + 1,
            ...(event.retryAtMs === undefined ? {} : { retryAtMs: event.retryAtMs }),
            ...(event.cause === undefined ? {} : { cause: event.cause }),
            ...(event.rows === undefined ? {} : { rowsAtRisk: event.rows }),
          }),
        ),
      };
    case 'compensation-retried':
      return {
        ...state,
        ...rollingBack(
          withCompensation(state, event.effect, { status: 'pending', onlyVerify: event.onlyVerify === true }),
        ),
        seenIds: seeId(state, event.id),
      };
    case 'compensation-waived':
      return {
        ...state,
        ...rollingBack(
          withCompensation(state, event.effect, {
            status: 'waived',
            endedAtMs: atMs,
            detail: `waived by ${event.by}: ${event.why}`,
          }),
        ),
        seenIds: seeId(state, event.id),
      };
    case 'data-chosen':
      return {
        ...state,
        ...rollingBack(withChoice(state.compensations, state.sealed?.plan.rollback ?? [], event)),
        seenIds: seeId(state, event.id),
      };
    case 'proof-taken':
      return { ...state, proof: event.proof };
    case 'refused':
      return { ...state, refusals: event.refusals, phase: 'Refused' };
    case 'ended':
      return { ...without(state, 'stage'), phase: event.ending, endedAtMs: atMs };
    default:
      return undefined;
  }
}
