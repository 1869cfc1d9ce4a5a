import { formatDuration } from '../../core/duration';
import type { Verdict } from '../../core/analysis/types';
import type { ReleaseReport } from '../../core/release/report';
import type { UndoStatus } from '../../core/release/undo-status';
import { line, wrap, type Line } from './line';
import { proofLines, undoLines } from './rollback';
import { allVerdictLines } from './verdicts';

const statuses: readonly UndoStatus[] = ['pending', 'running', 'verified', 'left', 'stuck', 'waived', 'not-needed'];

const statusOf = (text: string): UndoStatus => statuses.find((status) => status === text) ?? 'stuck';

/**
 * Why a release is where it is or ended as it did: the sentence, the numbers of each metric, what was undone and the proof.
 * `verdicts` are those of the watch, of a release that has not failed.
 */
export function reportLines(report: ReleaseReport, width: number, verdicts: readonly Verdict[] = []): readonly Line[] {
  const { failure, undone, proof, refusals, stages } = report;
  const at = failure?.stage;
  const after = stages.filter(({ tookMs }) => tookMs !== null).length;
  return [
    ...wrap(report.sentence, width, '  ').map((text) => line(text, 'bold')),
    line(
      `  ${report.service} ${report.version} → ${report.environment}, ${after} of ${stages.length} stages done, took ${formatDuration(report.tookMs)}` +
        (report.planDigest === null ? '' : `, plan ${report.planDigest.slice(0, 19)}…`),
      'dim',
    ),
    ...(failure === null
      ? []
      : [
          line(`Why: ${failure.reason}${at === null || at === undefined ? '' : ` (${failure.code} at ${at})`}`),
          ...allVerdictLines(failure.verdicts),
        ]),
    ...(failure === null && verdicts.length > 0 ? [line('Metrics'), ...allVerdictLines(verdicts)] : []),
    ...refusals.flatMap(({ code, message, fix }) => [
      ...wrap(`✖ ${code}: ${message}`, width, '  ').map((text) => line(text, 'bad')),
      ...wrap(`  ${fix}`, width, '  ').map((text) => line(text)),
    ]),
    ...(undone.length === 0 ? [] : [line('Undone, counted from the decision to turn back')]),
    ...undoLines(
      undone.map(({ effect, status, afterMs, detail }) => ({
        effect,
        status: statusOf(status),
        afterMs: afterMs ?? undefined,
        detail: detail ?? undefined,
      })),
    ),
    ...(proof === null ? [] : proofLines(proof)),
  ];
}
