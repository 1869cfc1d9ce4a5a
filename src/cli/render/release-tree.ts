import type { Verdict, WatchView } from '../../core/analysis/types';
import type { DataProgress } from '../../core/backfill/progress';
import { formatDuration } from '../../core/duration';
import { askedAtGate } from '../../core/plan/describe-combinations';
import { explain } from '../../core/release/explain';
import type { ReleaseState, StageState } from '../../core/release/state';
import { undoStatusOf } from '../../core/release/undo-status';
import { lengthOf, line, span, wrap, type Line } from './line';
import { signOf, stageMarks, verdictMarks, type Mark } from './marks';
import { proofLines, undoLines } from './rollback';

export type Picture = {
  readonly workflowId: string;
  readonly state: ReleaseState;
  readonly view?: WatchView | undefined;
  readonly progress?: DataProgress | undefined;
  readonly nowMs: number;
  readonly width: number;
};

const barCells = 10;

/** How much of a bake is served, e.g. `██████░░░░ 6m of 10m`. */
export function bakeBar(bakedMs: number, bakeMs: number): string {
  const share = bakeMs === 0 ? 1 : Math.min(1, bakedMs / bakeMs);
  const full = Math.floor(share * barCells);
  const rest = bakedMs > bakeMs ? bakeMs : bakedMs;
  return `${'█'.repeat(full)}${'░'.repeat(barCells - full)} ${formatDuration(rest)} of ${formatDuration(bakeMs)}`;
}

function markOf(state: ReleaseState, stage: StageState): Mark {
  if (stage.state === 'done') return stageMarks.done;
  if (state.failure !== undefined)
    return state.failure.stage === stage.id ? stageMarks.failed : stageMarks['not reached'];
  if (stage.state === 'running' && state.paused !== undefined) return stageMarks.paused;
  return stageMarks[stage.state];
}

const percent = (value: number): string => `${Number(value.toFixed(1))} %`;

function exposureLines(view: WatchView): readonly Line[] {
  const observed =
    view.canaryPercentObserved === undefined ? 'not seen yet' : `observed ${percent(view.canaryPercentObserved)}`;
  const shares =
    view.canaryPercentWanted === 0
      ? 'members of cohorts alone'
      : `wanted ${percent(view.canaryPercentWanted)}, ${observed}`;
  return [line(`    ${shares}  bake ${bakeBar(view.bakedMs, view.bakeMs)}`)];
}

function stageText(picture: Picture, stage: StageState): string {
  const plan = picture.state.sealed?.plan.stages.find(({ id }) => id === stage.id);
  const title = plan?.title ?? '';
  if (stage.state === 'done') return stage.reason ?? title;
  if (picture.state.failure?.stage === stage.id) return picture.state.failure.reason;
  return title;
}

function askedLines({ state: { sealed }, width }: Picture, { id }: StageState): readonly Line[] {
  const stage = sealed?.plan.stages.find((each) => each.id === id);
  const asked = sealed === undefined || stage?.kind !== 'gate' ? [] : askedAtGate(sealed.plan, stage.gate);
  return asked.flatMap((text) => wrap(text, width - 4, '  ').map((part) => line(`    ${part}`)));
}

function verdictLines(verdicts: readonly Verdict[]): readonly Line[] {
  const width = Math.max(0, ...verdicts.map(({ metric }) => lengthOf(metric)));
  return verdicts.map(({ metric, value, reason, guardrail }) => {
    const mark = verdictMarks[value];
    const role = guardrail ? '' : ' (observed only)';
    return [
      span('    '),
      signOf(mark),
      span(`${metric.padEnd(width)}  ${mark.word}  `),
      span(`${reason}${role}`, 'dim'),
    ];
  });
}

function tookText({ state: word, startedAtMs, endedAtMs }: StageState, picture: Picture): string {
  if (word === 'waiting' || startedAtMs === undefined) return '';
  const endMs = endedAtMs ?? picture.state.failure?.atMs ?? picture.nowMs;
  return formatDuration(Math.max(0, endMs - startedAtMs));
}

function stageLines(picture: Picture): readonly Line[] {
  const { state, view } = picture;
  const idWidth = Math.max(0, ...state.stages.map(({ id }) => lengthOf(id)));
  return state.stages.flatMap((stage) => {
    const mark = markOf(state, stage);
    const head: Line = [
      signOf(mark),
      span(`${stage.id.padEnd(idWidth)}  `, stage.state === 'running' ? 'bold' : 'plain'),
      span(`${mark.word.padEnd(7)} ${tookText(stage, picture).padStart(8)}  `),
      span(stageText(picture, stage), stage.state === 'running' ? 'plain' : 'dim'),
    ];
    const isHere = state.failure === undefined ? state.stage === stage.id : state.failure.stage === stage.id;
    const seen =
      view?.stageId === stage.id ? view.verdicts : state.watch?.stageId === stage.id ? state.watch.verdicts : [];
    const verdicts = state.failure === undefined ? seen : state.failure.verdicts;
    const exposure = isHere && state.failure === undefined && view?.stageId === stage.id ? exposureLines(view) : [];
    const asked = isHere && state.failure === undefined ? askedLines(picture, stage) : [];
    return isHere ? [head, ...exposure, ...asked, ...verdictLines(verdicts)] : [head];
  });
}

function headLine({ workflowId, state }: Picture): Line {
  const plan = state.sealed?.plan;
  const name = plan === undefined ? workflowId : `${plan.service} ${plan.version} → ${plan.environment}`;
  const digest = state.sealed === undefined ? '' : `  plan ${state.sealed.seal.planDigest.slice(0, 19)}…`;
  return [span(name, 'bold'), span(digest, 'dim'), span(`  ${state.phase}`)];
}

function rollbackLines({ state }: Picture): readonly Line[] {
  const { compensations, failure, proof } = state;
  const undone = Object.entries(compensations).map(([effect, undo]) => ({
    effect,
    status: undoStatusOf(undo),
    detail: undo.detail,
    afterMs: undo.endedAtMs === undefined || failure === undefined ? undefined : undo.endedAtMs - failure.atMs,
  }));
  return [
    ...(undone.length === 0 ? [] : [line(''), line('Rollback', 'bold'), ...undoLines(undone)]),
    ...(proof === undefined ? [] : [line(''), ...proofLines(proof)]),
  ];
}

const refusalLines = ({ state, width }: Picture): readonly Line[] =>
  state.refusals.flatMap(({ message, fix }) => [
    ...wrap(`✖ ${message}`, width, '  ').map((text) => line(text, 'bad')),
    ...wrap(`  ${fix}`, width, '  ').map((text) => line(text)),
  ]);

/** A release as a tree: stages, weights, bake, verdicts, the one sentence, the rollback and its proof. */
export function releaseTree(picture: Picture): readonly Line[] {
  return [
    headLine(picture),
    ...stageLines(picture),
    ...rollbackLines(picture),
    ...refusalLines(picture),
    line(''),
    ...wrap(explain(picture.state, picture.progress).sentence, picture.width, '  ').map((text) => line(text, 'bold')),
  ];
}
