import type { Sight, SpillwayClient } from '../client';
import { explainContract } from '../core/release/explain-contract';
import { contractExitCode, exitCodeOf, exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { openGateOf } from './open-gate';
import { readDuration, readUntil, type ReleaseOptions, type Until } from './read-options';
import { createSightPrinter, type SightPrinter } from './sight-printer';
import { resolveRelease } from './resolve';

export type WatchOptions = ReleaseOptions & {
  readonly jsonl?: boolean | undefined;
  readonly until?: string | undefined;
  readonly timeout?: string | undefined;
  readonly firstRunId?: string | undefined;
};

/** The exit code of a sight that ends the watching; undefined while there is more to see. */
export function endOf(sight: Sight, until: Until): number | undefined {
  if (sight.kind === 'silence') return undefined;
  if (sight.kind === 'report') return exitCodeOf({ phase: sight.report.ending, refusals: sight.report.refusals });
  const { state } = sight;
  if (state.endedAtMs !== undefined || state.phase === 'RollbackIncomplete') return exitCodeOf(state);
  return until === 'approval' && openGateOf(state) !== undefined ? exitCodes.waitingForApproval : undefined;
}

type Stop = { readonly signal: AbortSignal; readonly why: () => number };

function stopOf(io: Io, timeoutMs: number | undefined): Stop {
  const interruption = io.interruption();
  const signals = timeoutMs === undefined ? [interruption] : [interruption, AbortSignal.timeout(timeoutMs)];
  return {
    signal: AbortSignal.any(signals),
    why: () => (interruption.aborted ? exitCodes.detached : exitCodes.timedOut),
  };
}

function sayEnd(io: Io, workflowId: string, code: number): void {
  const [, environment = '', service = ''] = workflowId.split('/');
  const name = `${environment}/${service}`;
  if (code === exitCodes.detached)
    say(
      io,
      `Detached; the release goes on. Watch it again: spillway watch ${name}. Abort it: spillway abort ${name} --why "…".`,
    );
  if (code === exitCodes.timedOut)
    say(io, `Not ended in time; the release goes on. Watch it again: spillway watch ${name}.`);
  if (code === exitCodes.waitingForApproval) say(io, `It waits for approval: spillway approve ${name} --why "…".`);
  if (code === exitCodes.rollbackIncomplete)
    say(
      io,
      `The rollback is incomplete and goes on: spillway retry, continue or waive ${name} --why "…", then watch again.`,
    );
}

async function watchSights(
  client: SpillwayClient,
  workflowId: string,
  {
    firstRunId,
    until,
    printer,
    stop,
  }: {
    readonly firstRunId: string | undefined;
    readonly until: Until;
    readonly printer: SightPrinter;
    readonly stop: Stop;
  },
): Promise<number> {
  for await (const sight of client.follow(workflowId, { firstRunId, signal: stop.signal })) {
    printer.show(sight);
    const end = endOf(sight, until);
    if (end !== undefined) return end;
  }
  return stop.why();
}

const askEveryMs = 1_000;

async function watchContract(
  io: Io,
  client: SpillwayClient,
  workflowId: string,
  options: WatchOptions,
): Promise<number> {
  const until = readUntil(options.until);
  const stop = stopOf(io, readDuration('--timeout', options.timeout));
  let told = '';
  while (!stop.signal.aborted) {
    const state = await client.contractState(workflowId);
    const { sentence } = explainContract(state);
    if (sentence !== told) {
      if (options.json === true || options.jsonl === true) printJson(io, { workflowId, sentence, ...state });
      else print(io, sentence);
    }
    told = sentence;
    if (['Contracted', 'Declined', 'ContractIncomplete', 'WaitingForDataChoice'].includes(state.phase))
      return contractExitCode(state);
    if (until === 'approval' && state.phase === 'WaitingForApproval') return exitCodes.waitingForApproval;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  return stop.why();
}

/** `spillway watch`: shows a release until it ends; the exit code is that of its ending. Ctrl-C leaves it running. */
export async function watch(io: Io, client: SpillwayClient, options: WatchOptions): Promise<number> {
  const workflowId = await resolveRelease(io, client, options);
  if (workflowId.startsWith('contract/')) return watchContract(io, client, workflowId, options);
  const until = readUntil(options.until);
  const stop = stopOf(io, readDuration('--timeout', options.timeout));
  const printer = createSightPrinter(io, workflowId, options);
  try {
    const code = await watchSights(client, workflowId, { firstRunId: options.firstRunId, until, printer, stop });
    printer.close(code);
    sayEnd(io, workflowId, code);
    return code;
  } finally {
    printer.close();
  }
}
