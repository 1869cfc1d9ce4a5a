import type { Verdict, WatchView } from '../../core/analysis/types';
import { sentenceOfDrift } from '../../core/drift/drift';
import { explain } from '../../core/release/explain';
import { lossOf } from '../../core/release/explain-expose';
import { lineOfLeft, wordOfProof } from '../../core/release/left-switch';
import type { ReleaseState } from '../../core/release/state';
import { undoStatusOf } from '../../core/release/undo-status';
import { harmless } from './line';
import { compensationMarks } from './marks';

/** What is seen at one moment. */
export type Seen = { readonly state: ReleaseState; readonly view?: WatchView | undefined };
type Change = { readonly atMs: number; readonly text: string };

const change = (atMs: number | undefined, text: string, nowMs: number): Change => ({ atMs: atMs ?? nowMs, text });

function planChanges(
  before: ReleaseState | undefined,
  { sealed, startedAtMs, requestedBy }: ReleaseState,
): readonly Change[] {
  if (sealed === undefined || before?.sealed !== undefined) return [];
  const { service, version, environment } = sealed.plan;
  const text = `release of ${service} ${version} to ${environment}, started by ${requestedBy}, plan ${sealed.seal.planDigest}`;
  return [{ atMs: startedAtMs, text }];
}

function stageChanges(before: ReleaseState | undefined, after: ReleaseState, nowMs: number): readonly Change[] {
  return after.stages.flatMap(({ id, state, startedAtMs, endedAtMs, reason }) => {
    const was = before?.stages.find((stage) => stage.id === id)?.state ?? 'waiting';
    const title = after.sealed?.plan.stages.find((stage) => stage.id === id)?.title ?? id;
    const begun =
      was === 'waiting' && state !== 'waiting' ? [change(startedAtMs, `◐ ${id} running: ${title}`, nowMs)] : [];
    const done =
      was !== 'done' && state === 'done' ? [change(endedAtMs, `✔ ${id} done: ${reason ?? title}`, nowMs)] : [];
    return [...begun, ...done];
  });
}

function effectChanges(before: ReleaseState | undefined, after: ReleaseState, nowMs: number): readonly Change[] {
  return after.journal.flatMap(({ effect, state, doneAtMs, detail }) => {
    const was = before?.journal.find((entry) => entry.effect === effect)?.state;
    return state === 'done' && was !== 'done' ? [change(doneAtMs, `✔ ${effect}: ${detail ?? 'done'}`, nowMs)] : [];
  });
}

const gateOpenings = (before: ReleaseState | undefined, after: ReleaseState): readonly Change[] =>
  Object.entries(after.gates)
    .filter(([name]) => before?.gates[name] === undefined)
    .map(([name, { openedAtMs, deadlineMs }]) => ({
      atMs: openedAtMs,
      text: `◐ gate ${name} waits for approval until ${new Date(deadlineMs).toISOString()}`,
    }));

function gateAnswers(before: ReleaseState | undefined, after: ReleaseState): readonly Change[] {
  return Object.entries(after.gates).flatMap(([name, { approvals, rejection }]) => {
    const was = before?.gates[name];
    const isRejected = rejection !== undefined && was?.rejection === undefined;
    return [
      ...approvals
        .slice(was?.approvals.length ?? 0)
        .map(({ by, why, atMs }) => ({ atMs, text: `✔ gate ${name} approved by ${by}: ${why}` })),
      ...(isRejected
        ? [{ atMs: rejection.atMs, text: `✖ gate ${name} rejected by ${rejection.by}: ${rejection.why}` }]
        : []),
    ];
  });
}

function pauseChanges(before: ReleaseState | undefined, after: ReleaseState, nowMs: number): readonly Change[] {
  const { paused } = after;
  if (paused !== undefined && before?.paused === undefined)
    return [{ atMs: paused.sinceMs, text: `⏸ paused by ${paused.by}: ${paused.why}` }];
  return paused === undefined && before?.paused !== undefined ? [{ atMs: nowMs, text: '◐ resumed' }] : [];
}

const valueOf = (verdicts: readonly Verdict[] | undefined, metric: string): string | undefined =>
  verdicts?.find((verdict) => verdict.metric === metric)?.value;

function verdictChanges(before: Seen | undefined, { view }: Seen): readonly Change[] {
  if (view === undefined) return [];
  const known = before?.view?.stageId === view.stageId ? before.view.verdicts : undefined;
  return view.verdicts
    .filter(({ metric, value }) => valueOf(known, metric) !== value)
    .map(({ metric, value, reason }) => ({ atMs: view.atMs, text: `  ${metric} ${value}: ${reason}` }));
}

function watchChanges(before: ReleaseState | undefined, after: ReleaseState): readonly Change[] {
  const { watch, splitLost } = after;
  const isNew = watch !== undefined && (before?.watch?.class !== watch.class || before.watch.stageId !== watch.stageId);
  return [
    ...(isNew ? [{ atMs: watch.sinceMs, text: `◐ ${watch.stageId} ${watch.class}: ${watch.reason}` }] : []),
    ...(splitLost !== undefined && before?.splitLost === undefined
      ? [{ atMs: splitLost.sinceMs, text: `! ${lossOf(splitLost)}` }]
      : []),
    ...driftChanges(before, after),
  ];
}

function driftChanges(before: ReleaseState | undefined, after: ReleaseState): readonly Change[] {
  return Object.values(after.drifts ?? {}).flatMap((drift) => {
    const was = before?.drifts?.[drift.effect];
    const { endedAtMs, effect, fault, sinceMs } = drift;
    if (was?.count !== drift.count || was.fault !== fault)
      return [{ atMs: sinceMs, text: `! ${sentenceOfDrift(drift)}` }];
    return endedAtMs !== undefined && was.endedAtMs === undefined
      ? [{ atMs: endedAtMs, text: `✔ ${effect} is as the release set it` }]
      : [];
  });
}

function rollbackChanges(before: ReleaseState | undefined, after: ReleaseState, nowMs: number): readonly Change[] {
  const { failure, proof } = after;
  const undone = Object.entries(after.compensations).flatMap(([effect, undo]) => {
    const { startedAtMs, endedAtMs, detail } = undo;
    const status = undoStatusOf(undo);
    const was = before?.compensations[effect];
    if (status === 'pending' || (was !== undefined && undoStatusOf(was) === status)) return [];
    const sign = status === 'waived' ? '✖' : compensationMarks[status].sign;
    const word = status === 'verified' ? 'undone' : status;
    const atMs = status === 'running' ? startedAtMs : endedAtMs;
    return [change(atMs, `${sign} undo ${effect} ${word}${detail === undefined ? '' : `: ${detail}`}`, nowMs)];
  });
  const isProofNew = proof !== undefined && JSON.stringify(before?.proof) !== JSON.stringify(proof);
  return [
    ...(failure !== undefined && before?.failure === undefined
      ? [{ atMs: failure.atMs, text: `✖ turning back (${failure.code}): ${failure.reason}` }]
      : []),
    ...undone,
    ...(isProofNew
      ? [
          change(after.endedAtMs, `${proof.isRestored ? '✔' : '✖'} proof: ${wordOfProof(proof)}`, nowMs),
          ...proof.lines
            .filter(({ isEqual }) => !isEqual)
            .map(({ object, expected, observed }) =>
              change(after.endedAtMs, `✖ ${object}: ${observed}, expected ${expected}`, nowMs),
            ),
          ...(proof.left ?? []).map((left) => change(after.endedAtMs, `! ${lineOfLeft(left)}`, nowMs)),
          ...(proof.notShown ?? []).map(({ object, why }) =>
            change(after.endedAtMs, `? ${object}: not shown: ${why}`, nowMs),
          ),
        ]
      : []),
  ];
}

const refusalChanges = (before: ReleaseState | undefined, after: ReleaseState, nowMs: number): readonly Change[] =>
  after.refusals
    .slice(before?.refusals.length ?? 0)
    .map(({ code, message, fix }) => change(undefined, `✖ refused (${code}): ${message} ${fix}`, nowMs));

const endChanges = (before: ReleaseState | undefined, after: ReleaseState): readonly Change[] =>
  after.endedAtMs !== undefined && before?.endedAtMs === undefined
    ? [{ atMs: after.endedAtMs, text: explain(after).sentence }]
    : [];

/** One line for everything that changed between two sights, in the order it happened: `13:05:02Z ✔ expand done: …`. */
export function changeLines(before: Seen | undefined, after: Seen, nowMs: number): readonly string[] {
  const was = before?.state;
  const { state } = after;
  const changes = [
    ...planChanges(was, state),
    // Of what happened at one moment the cause comes first: what was done, then the stage that ends with it.
    ...watchChanges(was, state),
    ...effectChanges(was, state, nowMs),
    ...gateAnswers(was, state),
    ...stageChanges(was, state, nowMs),
    ...gateOpenings(was, state),
    ...pauseChanges(was, state, nowMs),
    ...verdictChanges(before, after),
    ...rollbackChanges(was, state, nowMs),
    ...refusalChanges(was, state, nowMs),
    ...endChanges(was, state),
  ];
  return changes
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `${new Date(atMs).toISOString().slice(11, 19)}Z ${harmless(text)}`);
}
