import { ClientError, sayCutOff, type SpillwayClient } from '../client';
import type { Verdict } from '../core/analysis/types';
import { explain as explainRelease } from '../core/release/explain';
import { explainContract } from '../core/release/explain-contract';
import { reportOf, type ReleaseReport } from '../core/release/report';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import type { ReleaseOptions } from './read-options';
import { paintAll, styleOf } from './render/line';
import { reportLines } from './render/report';
import { resolveRelease } from './resolve';

type Report = ReleaseReport & {
  /** What the watch says of each metric now, or said last. */
  readonly verdicts: readonly Verdict[];
  /** Why it does not go on for now. */
  readonly standing?: string;
};

async function reportNow(client: SpillwayClient, workflowId: string, now: number): Promise<Report> {
  try {
    const { state, view, progress, standing } = await client.sight(workflowId);
    const verdicts = view?.verdicts ?? state.watch?.verdicts ?? [];
    const cutOff = await client.cutOff(workflowId);
    const report = { ...reportOf({ ...state, endedAtMs: state.endedAtMs ?? now }), verdicts };
    // Only the clock is borrowed for a release that still runs, never its sentence.
    if (cutOff !== undefined) return { ...report, sentence: sayCutOff(workflowId, cutOff) };
    if (state.endedAtMs !== undefined) return report;
    const { sentence } = explainRelease(state, progress);
    return { ...report, sentence, ...(standing === undefined ? {} : { standing }) };
  } catch (error) {
    if (!(error instanceof ClientError) || !['no-worker', 'timed-out'].includes(error.code)) throw error;
    const report = await client.report(workflowId);
    if (report === undefined) throw error;
    return { ...report, verdicts: report.failure?.verdicts ?? [] };
  }
}

/** `spillway explain`: why, with the numbers, limit, evidence and query of each metric; what was undone and the proof. */
export async function explain(io: Io, client: SpillwayClient, options: ReleaseOptions): Promise<number> {
  const workflowId = await resolveRelease(io, client, options);
  if (workflowId.startsWith('contract/')) {
    const explanation = explainContract(await client.contractState(workflowId));
    if (options.json === true) printJson(io, { workflowId, ...explanation });
    else print(io, explanation.sentence);
    return exitCodes.ok;
  }
  const report = await reportNow(client, workflowId, io.now());
  const style = styleOf(io);
  if (options.json === true) printJson(io, { workflowId, ...report });
  else print(io, ...paintAll(reportLines(report, style.width, report.verdicts), style));
  if (report.standing !== undefined && options.json !== true) say(io, report.standing);
  return exitCodes.ok;
}
