import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { SealedEffect, Slot } from '../core/plan/effects';
import type { RollbackModes } from '../core/plan/plan';
import type { Demand } from '../core/release/capacity';
import {
  baselineFault,
  describeDrain,
  isDrainMemory,
  mostWordsLength,
  nextDrainStep,
  type DrainMemory,
  type DrainProgress,
} from '../core/release/drain';
import { messageNames, type DrainNotice } from '../core/release/messages';
import { addCount, requestRate, type CountAt } from '../core/release/request-rate';
import { without } from '../core/without';
import type { DeployerPort } from '../ports/deployer';
import { PortError } from '../ports/errors';
import type { Split, TrafficReading } from '../ports/traffic';
import { assertStillWanted, backward } from './fence';
import { endLease, lowerCeiling } from './lease';
import { createLeaseWatch } from './observe/lease-watch';
import { openEffect } from './permit';
import type { Ports } from './ports';
import { assertSame, describeWritten, exposureOf, loweredTo, splitOf } from './splits';
import type { TrafficInput } from './traffic';

export type DrainInput = TrafficInput & {
  readonly deploy: SealedEffect;
  readonly service: string;
  readonly times: RollbackModes['drain'];
};

const lookEveryMs = 250;
const beatEveryMs = 400;
const tellAgainEveryMs = 5_000;
const askBaselineEveryMs = 1_000;
/** How long the proxy may be away in the middle of a drain. */
const longestFaultMs = 20_000;

const isPassing = (error: unknown): error is PortError =>
  error instanceof PortError && (error.code === 'TargetUnavailable' || error.code === 'NotConverged');

/** From any share, each to half of the one before, down to 0. */
const mostSteps = 8;
/** How often a drain tells of one thing at most, however long it takes: each time is four events of the history. */
const mostTellings = 100;

/** Tells people where the drain is; a rollback never waits for that. */
function createTelling(ports: Ports, workflowId: string, times: RollbackModes['drain']) {
  const longestMs = mostSteps * (times.everyMs + times.baselineWaitMs) + times.sessionsMs;
  const tellAgainMs = Math.max(tellAgainEveryMs, longestMs / mostTellings);
  let toldStep = '';
  let told = '';
  let toldAtMs = 0;
  return (progress: DrainProgress): void => {
    const { canaryPercent, nextPercent = 'none', waitsFor } = progress;
    const step = `${canaryPercent} ${nextPercent} ${waitsFor === undefined}`;
    const words = describeDrain(progress);
    if (words === told || (step === toldStep && ports.now() - toldAtMs < tellAgainMs)) return;
    toldStep = step;
    told = words;
    toldAtMs = ports.now();
    const notice: DrainNotice = { kind: 'drain', progress };
    void ports.signalRelease(workflowId, messageNames.watched, notice).catch(() => undefined);
  };
}

type Question = Demand & { readonly slot: Slot; readonly service: string };

/** Why the baseline cannot take its share; what cannot be asked is no reason to believe it can. */
async function askBaseline(
  deployer: DeployerPort,
  { slot, service, ...demand }: Question,
): Promise<{ readonly fault: string | undefined; readonly isUnmeasured: boolean }> {
  try {
    const status = await deployer.status(slot, service);
    const isUnmeasured = status.capacityRps !== undefined && demand.loadRps === undefined;
    return { fault: baselineFault(status, demand), isUnmeasured };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const fault = `the baseline in ${slot} cannot be asked: ${error.message.slice(0, 200)}`;
    return { fault, isUnmeasured: false };
  }
}

/** One drain: looks, decides, makes at most one step, and says how long to rest before the next look. */
function createDrain(ports: Ports, input: DrainInput, begin: DrainMemory) {
  const { permit, sealed, service, times } = input;
  const { baseline, canary } = permit.roles;
  const expose = openEffect(ports, permit, sealed, 'expose');
  const { target } = expose;
  const deployer = ports.deployer(openEffect(ports, permit, input.deploy, 'deploy').target);
  const traffic = ports.traffic(target);
  const tell = createTelling(ports, permit.seal.workflowId, times);
  // The watch that found the breach has ended: somebody must go on renewing while users are led back.
  const lease = createLeaseWatch(ports, permit, expose);
  const restMs = Math.max(20, Math.min(lookEveryMs, times.everyMs / 2));
  let memory = begin;
  let lastRequests: number | undefined;
  let counts: readonly CountAt[] = [];
  let unkept: string | undefined;

  /** A session is seen while a request is at work, and whenever one has come to an end. */
  function noteUsers({ sessions, counters }: TrafficReading): void {
    const { requests } = counters[canary];
    const isQuiet = sessions[canary] === 0 && requests === lastRequests;
    lastRequests = requests;
    if (!isQuiet) memory = without(memory, 'quietSinceMs');
    else memory = { ...memory, quietSinceMs: memory.quietSinceMs ?? ports.now() };
  }

  async function lower(now: DrainProgress, seen: Split, toPercent: number): Promise<number> {
    const demand = { percent: 100 - Math.min(seen[canary].weight, toPercent), loadRps: requestRate(counts) };
    const { fault: waitsFor, isUnmeasured } = await askBaseline(deployer, { slot: baseline, service, ...demand });
    // A drain that has just begun cannot know the load: that is no fault of the baseline.
    if (waitsFor === undefined && isUnmeasured) return askBaselineEveryMs;
    if (waitsFor !== undefined) {
      tell({ ...now, nextPercent: toPercent, waitsFor });
      const sinceMs = memory.waitingSinceMs ?? ports.now();
      memory = { ...memory, waitingSinceMs: sinceMs };
      if (ports.now() - sinceMs < times.baselineWaitMs) return askBaselineEveryMs;
      throw ApplicationFailure.nonRetryable(
        `${now.canaryPercent} % stay on the canary, for ${waitsFor}. Mend the baseline and retry, or abort again to leave the canary at once.`,
        'BaselineNotReady',
      );
    }
    await assertStillWanted(ports, permit, backward);
    // Weights first and alone: whoever closed the slot meanwhile keeps it closed.
    const { blue, green, members } = loweredTo(seen, permit.roles, toPercent);
    // A worker that stood still since it asked may not know that another one has gone further down meanwhile.
    let written = await traffic.writeWeights({ blue: blue.weight, green: green.weight }, { falling: canary, members });
    const found = await traffic.readSplit();
    if (toPercent === 0 && found[canary].state === 'ready')
      written = await traffic.writeSplit(splitOf(permit.roles, 0, 'drain'));
    unkept = written.unkept?.slice(0, mostWordsLength);
    await lowerCeiling(ports, permit, expose, Math.min(seen[canary].weight, toPercent));
    memory = { beganAtMs: memory.beganAtMs, lastStepAtMs: ports.now() };
    return restMs;
  }

  async function close(): Promise<string> {
    const wanted = splitOf(permit.roles, 0, 'maint');
    await assertStillWanted(ports, permit, backward);
    const written = await traffic.writeSplit(wanted);
    const found = await traffic.readSplit();
    assertSame(target, found, wanted);
    await endLease(ports, permit, expose, baseline);
    return describeWritten(found, written);
  }

  return {
    memory: (): DrainMemory => memory,
    /** What was done when it is over, else how long to rest, in milliseconds. */
    async look(): Promise<string | number> {
      const reading = await traffic.read();
      if (reading.split === undefined)
        throw new PortError('NotConverged', `${target}: the proxies differ: ${reading.disagreement ?? 'unread'}.`);
      noteUsers(reading);
      const { blue, green } = reading.counters;
      counts = addCount(counts, { atMs: ports.now(), requests: blue.requests + green.requests });
      const found = { weight: exposureOf(reading.split, permit.roles), state: reading.split[canary].state };
      const told = unkept === undefined ? {} : { unkept };
      const now = { canaryPercent: found.weight, sessions: reading.sessions[canary], ...told };
      if (lease.look(reading.split[canary].weight) !== undefined) return close();
      const step = nextDrainStep({ canary: found, nowMs: ports.now(), memory, times });
      switch (step.kind) {
        case 'closed':
        case 'close':
          return close();
        case 'lower':
          return lower(now, reading.split, step.toPercent);
        case 'wait': {
          const { nextPercent, untilMs } = step;
          tell({ ...now, nextAtMs: untilMs, ...(nextPercent === undefined ? {} : { nextPercent }) });
          return restMs;
        }
      }
    },
  };
}

/** Leads users back step by step, and lets their sessions end. */
export const createDrainActivities = (ports: Ports) => ({
  drainTraffic: async (input: DrainInput): Promise<string> => {
    const context = Context.current();
    const details: unknown = context.info.heartbeatDetails;
    const isFirst = context.info.attempt === 1;
    // An attempt that knows nothing of the last step must not make the next one too early.
    const beganAtMs = ports.now();
    const fresh = isFirst ? { beganAtMs } : { beganAtMs, lastStepAtMs: beganAtMs };
    const drain = createDrain(ports, input, isDrainMemory(details) ? details : fresh);
    const timer = setInterval(() => context.heartbeat(drain.memory()), beatEveryMs);
    let faultSinceMs: number | undefined;
    try {
      for (;;) {
        if (context.cancellationSignal.aborted) throw new CancelledFailure('the drain was told to end');
        try {
          const done = await drain.look();
          faultSinceMs = undefined;
          if (typeof done === 'string') return done;
          await ports.sleep(done);
        } catch (error) {
          if (!isPassing(error)) throw error;
          faultSinceMs ??= ports.now();
          if (ports.now() - faultSinceMs > longestFaultMs) throw error;
          await ports.sleep(lookEveryMs);
        }
      }
    } finally {
      clearInterval(timer);
    }
  },
});
