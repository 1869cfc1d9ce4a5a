import { ClientError, sayCutOff, type SpillwayClient } from '../client';
import { explainContract } from '../core/release/explain-contract';
import { contractExitCode, exitCodeOf, exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import type { ReleaseOptions } from './read-options';
import { releaseJson } from './release-json';
import { paintAll, styleOf } from './render/line';
import { releaseTree } from './render/release-tree';
import { reportLines } from './render/report';
import { resolveRelease } from './resolve';

async function contractStatus(io: Io, client: SpillwayClient, workflowId: string, isJson: boolean): Promise<number> {
  const state = await client.contractState(workflowId);
  const explanation = explainContract(state);
  if (isJson) printJson(io, { workflowId, ...explanation, ...state });
  else print(io, explanation.sentence);
  return contractExitCode(state);
}

/** `spillway status`: the whole release once; the exit code is that of its state. */
export async function status(io: Io, client: SpillwayClient, options: ReleaseOptions): Promise<number> {
  const workflowId = await resolveRelease(io, client, options);
  const isJson = options.json === true;
  if (workflowId.startsWith('contract/')) return contractStatus(io, client, workflowId, isJson);
  const style = styleOf(io);
  const cutOff = await client.cutOff(workflowId);
  const sayIt = (): void => {
    if (cutOff !== undefined && !isJson) print(io, sayCutOff(workflowId, cutOff));
  };
  try {
    const sight = await client.sight(workflowId);
    const { state, view, progress, standing } = sight;
    if (isJson) printJson(io, { ...releaseJson(workflowId, sight), cutOff: cutOff ?? null });
    else
      print(
        io,
        ...paintAll(releaseTree({ workflowId, state, view, progress, nowMs: io.now(), width: style.width }), style),
      );
    sayIt();
    if (standing !== undefined && !isJson) say(io, standing);
    return cutOff === undefined ? exitCodeOf(state) : exitCodes.rollbackIncomplete;
  } catch (error) {
    // An ended release keeps its report where no worker is needed to read it.
    if (!(error instanceof ClientError) || !['no-worker', 'timed-out'].includes(error.code)) throw error;
    if (cutOff !== undefined) {
      if (isJson) printJson(io, { workflowId, cutOff });
      sayIt();
      return exitCodes.rollbackIncomplete;
    }
    const report = await client.report(workflowId);
    if (report === undefined) throw error;
    if (isJson) printJson(io, { workflowId, ...report });
    else print(io, ...paintAll(reportLines(report, style.width), style));
    return exitCodeOf({ phase: report.ending, refusals: report.refusals });
  }
}
