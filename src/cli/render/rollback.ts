import type { Proof, ProofLine } from '../../core/release/proof';
import { lineOfLeft, wordOfProof } from '../../core/release/left-switch';
import type { UndoStatus } from '../../core/release/undo-status';
import { formatDuration } from '../../core/duration';
import { lengthOf, line, span, type Line } from './line';
import { compensationMarks, signOf } from './marks';

/** One undo, as state and report both know it. */
export type Undo = {
  readonly effect: string;
  readonly status: UndoStatus;
  readonly afterMs?: number | undefined;
  readonly detail?: string | undefined;
};

export function undoLines(undone: readonly Undo[]): readonly Line[] {
  const idWidth = Math.max(0, ...undone.map(({ effect }) => lengthOf(effect)));
  return undone.map(({ effect, status, afterMs, detail }) => {
    const mark = compensationMarks[status];
    const after = afterMs === undefined ? '' : `+${formatDuration(afterMs)}`;
    return [
      span('  '),
      signOf(mark),
      span(`${effect.padEnd(idWidth)}  `),
      span(`${mark.word.padEnd(7)} ${after.padStart(8)}  `),
      span(detail ?? '', 'dim'),
    ];
  });
}

function proofLine({ object, expected, observed, isEqual }: ProofLine): Line {
  const mark = isEqual ? span('✔ ', 'good') : span('✖ ', 'bad');
  const text = isEqual ? observed : `${observed}, expected ${expected}`;
  return [span('  '), mark, span(`${object}: `), span(text, isEqual ? 'dim' : 'bad')];
}

/** The comparison with the snapshot, object by object. */
export function proofLines(proof: Proof): readonly Line[] {
  const title = line(`Proof: ${wordOfProof(proof)}`, proof.isRestored ? 'good' : 'bad');
  return [
    title,
    ...proof.lines.map(proofLine),
    ...(proof.left ?? []).map((left) => line(`  ! ${lineOfLeft(left)}`, 'busy')),
    ...(proof.notShown ?? []).map(({ object, why }) => line(`  ? ${object}: not shown: ${why}`, 'busy')),
    ...(proof.drift.length === 0 ? [] : [line('Drift: changed meanwhile by somebody else')]),
    ...proof.drift.map(({ object, expected, observed }) => line(`  ! ${object}: ${expected} became ${observed}`)),
  ];
}
