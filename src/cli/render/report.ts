import { formatDuration } from '../../core/duration';
import type { Verdict } from '../../core/analysis/types';
import type { CompensationStatus } from '../../core/release/rollback-order';
import type { ReleaseReport } from '../../core/release/report';
import { line, span, wrap, type Line } from './line';
import { proofLines, undoLines } from './rollback';

const statuses: readonly CompensationStatus[] = ['pending', 'running', 'verified', 'stuck', 'waived', 'not-needed'];

const statusOf = (text: string): CompensationStatus => statuses.find((status) => status === text) ?? 'stuck';

function verdictLine({ metric, value, reason, query }: Verdict): readonly Line[] {
  const tone = value === 'fail' ? 'bad' : 'plain';
  return [
    [span('  '), span(`${value === 'fail' ? '✖' : value === 'pass' ? '✔' : '?'} `, tone), span(`${metric}: ${reason}`)],
    ...(query === undefined ? [] : [line(`    query  ${query}`, 'dim')]),
  ];
}

/** The verdicts that decided first: what failed, else what could not be told. */
const decisive = (verdicts: readonly Verdict[]): readonly Verdict[] => {
  const failed = verdicts.filter(({ value }) => value === 'fail');
  return failed.length > 0 ? failed : verdicts.filter(({ value }) => value === 'inconclusive');
};

/** Why a release is where it is or ended as it did: the sentence, the numbers, what was undone and the proof. */
export function reportLines(report: ReleaseReport, width: number): readonly Line[] {
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
          ...decisive(failure.verdicts).flatMap(verdictLine),
        ]),
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
