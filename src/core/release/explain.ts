import { sentenceOfDrift } from '../drift/drift';
import { isSecondController, sentenceOfWriter } from '../drift/other-writer';
import { describeProgress, type DataProgress } from '../backfill/progress';
import type { GateRule } from '../plan/stages';
import { explainExpose, writerPlace } from './explain-expose';
import { abortHint, build, stageAfter, stageOf, time, type Explanation } from './explanation';
import { describeDrain } from './drain';
import { notShownText } from './guardrail-band';
import { clause } from './clause';
import { leftText } from './left-switch';
import { keysAtRisk } from './data-choice';
import type { ReleaseState } from './state';
import { isDraining } from './way-back';

/** What a gate still lacks, e.g. `2 approvals of lead (has 1)`. */
export function gateNeed(rule: GateRule, given: number): string {
  const people = rule.approvals === 1 ? '1 approval' : `${rule.approvals} approvals`;
  const from = rule.from === undefined ? '' : ` of ${rule.from.join(' or ')}`;
  return `${people}${from}${rule.approvals > 1 ? ` (has ${given})` : ''}`;
}

function explainGate(state: ReleaseState, rule: GateRule, sinceMs: number, service: string): Explanation {
  const gate = Object.hasOwn(state.gates, rule.name) ? state.gates[rule.name] : undefined;
  const then = rule.onTimeout === 'roll-back' ? 'rolls back' : 'keeps holding and asks again';
  const { watch } = state;
  if (watch !== undefined && watch.class !== 'advance' && watch.class !== 'baking')
    return build(
      'Held at a gate',
      `${watch.reason}; gate ${rule.name} needs ${gateNeed(rule, gate?.approvals.length ?? 0)}`,
      watch.sinceMs,
      `${stageAfter(state)?.title ?? 'the next stage'} when there is evidence again and the gate is open`,
      abortHint(service),
    );
  const given = gate?.approvals ?? [];
  const openedAtMs = gate?.openedAtMs ?? sinceMs;
  const deadlineMs = gate?.deadlineMs ?? openedAtMs + rule.timeoutMs;
  if (given.length >= rule.approvals)
    return build(
      'Approved',
      `${given.map(({ by }) => by).join(', ')} opened gate ${rule.name}`,
      given.at(-1)?.atMs ?? openedAtMs,
      stageAfter(state)?.title ?? 'the next stage',
      abortHint(service),
    );
  return build(
    'Waiting for approval',
    `gate ${rule.name} needs ${gateNeed(rule, gate?.approvals.length ?? 0)}${rule.reason === undefined ? '' : `: ${rule.reason}`}`,
    openedAtMs,
    `${stageAfter(state)?.title ?? 'the next stage'}, or at ${time(deadlineMs)} it ${then}`,
    `${rule.members?.join(', ') ?? 'anyone'} may approve (spillway approve ${service} ${rule.name}) or reject; ${abortHint(service)}`,
  );
}

/** The canary is not opened again, whatever the baseline does: who reads this has to mend the baseline. */
const baselineFaultOf = ({ watch }: ReleaseState): string =>
  watch?.class === 'baseline-silent' || watch?.class === 'baseline-capacity'
    ? `; when it turned back ${clause(watch.reason)}`
    : '';

function rollbackReason(state: ReleaseState): string {
  const { failure, wayBack } = state;
  const escalation = wayBack?.escalation;
  const reason = `${clause(failure?.reason ?? 'it was told to')}${baselineFaultOf(state)}`;
  return escalation === undefined ? reason : `${clause(reason)}; at once since ${clause(escalation.reason)}`;
}

/** Who may choose that rows are lost; keeping them is everybody's to choose. */
function stewardsText({ sealed }: ReleaseState): string {
  const stewards = sealed?.plan.dataStewards ?? [];
  return stewards.length === 0 ? 'nobody is named as data steward, so nobody may choose lose' : stewards.join(', ');
}

function explainRollback(state: ReleaseState, service: string): Explanation {
  const failure = state.failure;
  const since = failure?.atMs ?? state.startedAtMs;
  const stuck = Object.entries(state.compensations).filter(([, { status }]) => status === 'stuck');
  const captain = state.sealed?.plan.owners.rollbackCaptain ?? state.sealed?.plan.owners.lead ?? 'the owner';
  const atRisk = keysAtRisk(state);
  if (atRisk.length > 0 && atRisk.length === stuck.length)
    return build(
      'Rolled back but for data, choose now',
      stuck.map(([effect, { detail }]) => `the undo of ${effect} waits (${detail ?? 'it would lose data'})`).join(', '),
      since,
      'users are on the baseline; it is asked again by itself, and goes on when no row would be lost',
      `${stewardsText(state)}: spillway data-choice ${service} keep, lose or retry`,
    );
  if (state.phase === 'RollbackIncomplete')
    return build(
      'Rollback incomplete, act now',
      stuck.map(([effect, { detail }]) => `${effect} is stuck (${detail ?? 'no reason given'})`).join(', ') ||
        'the proof does not hold',
      since,
      'it is tried again by itself; everything that does not require it goes on',
      `${captain}: spillway retry, continue or waive ${service}`,
    );
  if (isDraining(state))
    return build(
      'Rolling back step by step',
      failure?.reason ?? 'it was told to',
      since,
      state.wayBack?.drain === undefined
        ? 'users of the canary are led back, half of them a step'
        : describeDrain(state.wayBack.drain),
      `anyone may end it at once (spillway abort ${service})`,
    );
  const left = Object.entries(state.compensations).filter(
    ([, { status }]) => status === 'pending' || status === 'running',
  );
  return build(
    'Rolling back',
    rollbackReason(state),
    since,
    left.length > 0
      ? `undo ${left.map(([effect]) => effect).join(', ')}, then the proof`
      : 'the proof that the baseline is restored',
    'nothing is asked of anybody',
  );
}

/** The slots have changed roles, and the release tidies up: too late to turn back. */
function explainPromoted(state: ReleaseState, service: string): Explanation {
  return build(
    'Promoted',
    `${service} ${state.sealed?.plan.version ?? ''} serves everyone`,
    state.stages.at(-1)?.endedAtMs ?? state.startedAtMs,
    'the roles of the slots are recorded and the old version stops',
    'nothing turns it back any more; release the version you want instead',
  );
}

/** A waived proof is never told as one that holds. */
function provedOf({ compensations, proof }: ReleaseState): string {
  const waiver = Object.entries(compensations).find(([key, { status }]) => key === 'proof' && status === 'waived')?.[1];
  const by = waiver?.detail === undefined ? '' : ` (${waiver.detail})`;
  if (proof?.isRestored === true)
    return `the baseline is proved restored${leftText(proof.left)}${notShownText(proof.notShown)}`;
  if (proof === undefined)
    return waiver === undefined ? 'nothing had been changed' : `the proof was never taken and was waived${by}`;
  const different = proof.lines.filter(({ isEqual }) => !isEqual).map(({ object }) => object);
  return `the proof does not hold and was waived; not as before: ${different.join(', ')}${notShownText(proof.notShown)}${by}`;
}

function explainEnding(state: ReleaseState, service: string): Explanation {
  const ended = state.endedAtMs ?? state.startedAtMs;
  const reason = state.failure?.reason;
  switch (state.phase) {
    case 'Promoted': {
      const contract = (state.sealed?.plan.contract.length ?? 0) > 0;
      return build(
        'Promoted',
        `${service} ${state.sealed?.plan.version ?? ''} serves everyone`,
        ended,
        contract ? 'contract waits for its own approval' : 'nothing',
        'the lock is free',
      );
    }
    case 'Refused':
      return build(
        'Refused',
        state.refusals.map(({ message }) => clause(message)).join('; ') || 'not started',
        ended,
        'nothing was changed',
        'mend it and start again',
      );
    case 'Aborted':
    default:
      return build(
        state.phase === 'Aborted' ? 'Aborted' : 'Rolled back',
        `${clause(reason ?? 'no reason given')}${baselineFaultOf(state)}`,
        ended,
        `nothing: ${provedOf(state)}`,
        'mend it and start again',
      );
  }
}

/** Evidence that cannot be stored is told beside everything else, for nobody else would miss it. */
function withStore({ storeAway }: ReleaseState, explanation: Explanation): Explanation {
  if (storeAway === undefined) return explanation;
  const waits = `Evidence and messages wait since ${time(storeAway.sinceMs)}: ${clause(storeAway.why)}.`;
  return { ...explanation, sentence: `${explanation.sentence} ${waits}` };
}

/** Where policy says to go on, whoever writes the split is named until the next exposure begins. */
function withOtherWriter(state: ReleaseState, explanation: Explanation): Explanation {
  const { otherWriter, failure, endedAtMs, sealed } = state;
  const isOver = failure !== undefined || endedAtMs !== undefined;
  if (isOver || sealed?.plan.drift?.routes !== 'tell' || !isSecondController(otherWriter)) return explanation;
  return { ...explanation, sentence: `${explanation.sentence} ${sentenceOfWriter(otherWriter, writerPlace(state))}` };
}

/** What somebody else changed and nobody has set again is told beside everything else too. */
function withDrift({ drifts = {}, failure, endedAtMs }: ReleaseState, explanation: Explanation): Explanation {
  if (failure !== undefined || endedAtMs !== undefined) return explanation;
  const open = Object.values(drifts).filter((drift) => drift.endedAtMs === undefined);
  return { ...explanation, sentence: [explanation.sentence, ...open.map(sentenceOfDrift)].join(' ') };
}

/**
 * State, why, since when, what next, who: the same sentence in CLI, Temporal UI and messages. `progress` is how far work on
 * data is, where whoever explains has read it.
 */
export const explain = (state: ReleaseState, progress?: DataProgress): Explanation =>
  withStore(state, withDrift(state, withOtherWriter(state, explainState(state, progress))));

function explainState(state: ReleaseState, progress: DataProgress | undefined): Explanation {
  const service = state.sealed?.plan.service ?? 'RELEASE';
  if (state.endedAtMs !== undefined) return explainEnding(state, service);
  if (state.phase === 'Promoted') return explainPromoted(state, service);
  if (state.failure !== undefined) return explainRollback(state, service);
  const stage = stageOf(state);
  const stageState = state.stages.find(({ id }) => id === state.stage);
  const since = stageState?.startedAtMs ?? state.startedAtMs;
  if (state.paused !== undefined)
    return build(
      'Paused',
      `${state.paused.by} paused it (${state.paused.why})`,
      state.paused.sinceMs,
      `rolls back at ${time(state.paused.deadlineMs)} unless resumed`,
      `anyone may resume (spillway resume ${service}); ${abortHint(service)}`,
    );
  if (stage === undefined)
    return build('Preparing', 'checking the plan and the targets', since, 'the first stage', abortHint(service));
  if (stage.kind === 'gate') return explainGate(state, stage.gate, since, service);
  if (stage.kind === 'expose') return explainExpose(state, stage, since, service);
  const isResting = stage.kind === 'apply' && progress?.resting !== undefined;
  const done = stage.kind === 'apply' && progress !== undefined ? ` (${describeProgress(progress)})` : '';
  return build(
    isResting ? 'Resting' : 'Working',
    `${stage.title}${done}`,
    since,
    stageAfter(state)?.title ?? 'the end',
    abortHint(service),
  );
}
