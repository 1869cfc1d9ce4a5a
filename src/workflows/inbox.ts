import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { patched, setHandler } from '@temporalio/workflow';
import { keysAtRisk } from '../core/release/data-choice';
import { explain } from '../core/release/explain';
import {
  admitChoice,
  admitGate,
  admitPause,
  admitPerson,
  admitResume,
  admitStuck,
  stuckKeys,
  tooLateToTurn,
  type Admission,
  type StuckAction,
} from '../core/release/admit';
import { isDrainNews, isDrainProgress } from '../core/release/drain';
import type {
  AbortMessage,
  Acknowledgement,
  ChoiceMessage,
  DrainNotice,
  GateMessage,
  PersonMessage,
  StuckMessage,
  WatchNotice,
} from '../core/release/messages';
import { isDraining } from '../core/release/way-back';
import { queries, signals, unreadable, updates } from './messages';
import type { Run } from './run';
import { onSignal } from './signal-door';

type Handler<M> = {
  readonly name: keyof typeof updates;
  readonly admit: (message: M) => Admission;
  readonly act: (message: M) => void;
};

const mostReasonLength = 500;

const refused = (reason: string): Error => new Error(reason);

const byOf = (message: unknown): string =>
  typeof message === 'object' && message !== null && 'by' in message && typeof message.by === 'string'
    ? message.by.slice(0, 200)
    : 'unknown';

// Anybody who may write to the namespace can send the signal; rubbish must not fail the workflow task.
const isNotice = (notice: unknown): notice is WatchNotice =>
  typeof notice === 'object' &&
  notice !== null &&
  'watchId' in notice &&
  'stageId' in notice &&
  'kind' in notice &&
  ((notice.kind === 'split-lost' && 'observed' in notice && typeof notice.observed === 'string') ||
    (notice.kind === 'class' && 'verdicts' in notice && Array.isArray(notice.verdicts)));

const isDrainNotice = (notice: unknown): notice is DrainNotice =>
  typeof notice === 'object' &&
  notice !== null &&
  'kind' in notice &&
  notice.kind === 'drain' &&
  'progress' in notice &&
  isDrainProgress(notice.progress);

/** The way back that an abort asks for; what is unknown is as planned. */
const modeOf = (message: unknown): Pick<AbortMessage, 'mode'> =>
  typeof message === 'object' &&
  message !== null &&
  'mode' in message &&
  (message.mode === 'emergency' || message.mode === 'drain')
    ? { mode: message.mode }
    : {};

const takenAlready = 'this message was taken already, and only one with another id ends a drain';

/** Opens every handler before the first await, so that no early message is lost. */
export function openInbox(run: Run, onWatch: (notice: WatchNotice) => void, onPause: () => void): void {
  const refuse = (message: string, by: string, reason: string): void =>
    run.record({ type: 'message-refused', message, by, reason: reason.slice(0, mostReasonLength) });
  const isNew = ({ id }: PersonMessage): boolean => !run.state().seenIds.includes(id);

  function decideGate(type: 'approved' | 'rejected') {
    return ({ id, by, why, gate }: GateMessage): void => {
      run.record({ type, gate, id, by, why });
      if (type === 'rejected')
        run.record({
          type: 'failed',
          failure: { code: 'GateRejected', reason: `${by} rejected gate ${gate}: ${why}`, by },
        });
    };
  }

  function decideStuck(action: StuckAction) {
    return (message: StuckMessage): void => {
      const { id, by, why } = message;
      for (const effect of stuckKeys(run.state(), message, action))
        run.record(
          action === 'waive'
            ? { type: 'compensation-waived', effect, id, by, why }
            : { type: 'compensation-retried', effect, id, by, why, onlyVerify: action === 'continue' },
        );
    };
  }

  function open<M extends PersonMessage>(
    handler: Handler<M>,
    update: UpdateDefinition<Acknowledgement, [M]>,
    signal: SignalDefinition<[M]>,
  ): void {
    const { name, admit, act } = handler;
    setHandler(
      update,
      (message: M): Acknowledgement => {
        if (isNew(message)) act(message);
        return { accepted: true, sentence: explain(run.state()).sentence };
      },
      {
        description: `${name} by a person, with id, by and why`,
        validator: (message: M) => {
          const admission = admit(message);
          if (!admission.ok) throw refused(admission.reason);
        },
      },
    );
    onSignal(signal, (message: M) => {
      const admission = admit(message);
      if (!admission.ok) refuse(name, byOf(message), admission.reason);
      else if (isNew(message)) act(message);
    });
  }

  const state = run.state;
  open<GateMessage>(
    { name: 'approve', admit: (m) => admitGate(state(), m, true), act: decideGate('approved') },
    updates.approve,
    signals.approve,
  );
  open<GateMessage>(
    { name: 'reject', admit: (m) => admitGate(state(), m, false), act: decideGate('rejected') },
    updates.reject,
    signals.reject,
  );
  open<PersonMessage>(
    {
      name: 'pause',
      admit: (m) => admitPause(state(), m),
      act: ({ id, by, why }) => {
        const longestMs = state().sealed?.plan.longestPauseMs ?? 86_400_000;
        run.record({ type: 'paused', id, by, why, deadlineMs: Date.now() + longestMs });
        onPause();
      },
    },
    updates.pause,
    signals.pause,
  );
  open<PersonMessage>(
    {
      name: 'resume',
      admit: (m) => admitResume(state(), m),
      act: ({ id, by, why }) => run.record({ type: 'resumed', id, by, why }),
    },
    updates.resume,
    signals.resume,
  );
  for (const name of ['retry', 'continue', 'waive'] as const)
    open<StuckMessage>(
      { name, admit: (m) => admitStuck(state(), m, name), act: decideStuck(name) },
      updates[name],
      signals[name],
    );

  open<ChoiceMessage>(
    {
      name: 'chooseData',
      admit: (m) => admitChoice(state(), m),
      act: ({ id, by, why, choice, effect: named }) => {
        for (const effect of keysAtRisk(state(), named))
          run.record({ type: 'data-chosen', effect, choice, id, by, why });
      },
    },
    updates.chooseData,
    signals.chooseData,
  );

  function hearDrain({ progress }: DrainNotice): void {
    const { wayBack } = state();
    if (wayBack !== undefined && isDraining(state()) && isDrainNews(wayBack, progress))
      run.record({ type: 'drain-progressed', progress });
  }

  onSignal(signals.abort, (message: AbortMessage) => {
    const shape = admitPerson(message);
    // Whoever asks for an abort gets it, even with a poor message: only its record is worse.
    const by = shape.ok ? message.by : byOf(message);
    const why = shape.ok ? message.why : 'no reason given';
    const { mode } = modeOf(message);
    const tooLate = tooLateToTurn(state());
    // Delivered twice it is one abort, and ends no drain; who says so in the message itself is never kept waiting.
    const isKnown = shape.ok && mode !== 'emergency' && state().wayBack?.abortId === message.id;
    if (tooLate === undefined)
      run.record({
        type: 'failed',
        failure: { code: 'Aborted', reason: `${by} aborted it: ${why}`, by, ...modeOf(message) },
        ...(shape.ok ? { abortId: message.id } : {}),
      });
    else if (isKnown && patched('abort-once')) refuse('abort', by, `${tooLate}; ${takenAlready}`);
    else if (mode === 'drain' || !run.escalate(`${by} aborted it again: ${why}`, by)) refuse('abort', by, tooLate);
  });
  onSignal(signals.watched, (notice) => {
    if (isNotice(notice)) onWatch(notice);
    else if (isDrainNotice(notice)) hearDrain(notice);
    else refuse('watched', 'unknown', 'no notice of a watch');
  });

  onSignal(unreadable, (name, reason) => refuse(name, 'unknown', reason));

  setHandler(queries.state, state, { description: 'Everything known about the release' });
  setHandler(queries.explain, () => explain(state()), { description: 'Why it is where it is, in one sentence' });
}
