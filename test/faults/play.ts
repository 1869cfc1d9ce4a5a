import type { Client } from '@temporalio/client';
import type { SpillwayClient } from '../../src/client';
import type { Stack } from '../../src/stack/start-stack';
import type { FaultCase } from './cases';
import { runningAt } from './checker/effects';
import { brokenOf } from './checker/invariants';
import { readFiles } from './checker/read';
import { startSampler } from './checker/sampler';
import { clearLane } from './clear-lane';
import { describeStanding } from './describe-standing';
import { drive } from './drive';
import { driveRecovery } from './drive-recovery';
import type { Lane } from './lane';
import type { Spans } from './moments';
import { logSizes, readFacts } from './read-facts';
import type { Schemas } from './schemas';

export type Stage = {
  readonly client: SpillwayClient;
  readonly temporal: Client;
  readonly schemas: Schemas;
  readonly freezeMs: number;
  /** How long each way of an ending takes when nothing dies, as far as it was measured. */
  readonly spans: Spans;
  /** The parts that all lanes share. */
  readonly shared: Pick<Stack, 'temporal' | 'postgres' | 'prometheus'>;
};

/** What came of one case, as far as it was played. */
type Outcome = {
  readonly broken: readonly string[];
  readonly spans?: Spans[string];
  /** What ran when something was killed at a moment, one entry a kill. */
  readonly hit?: readonly string[];
};

export type Played = Outcome & { readonly fault: FaultCase; readonly tookMs: number };

const patienceMs = 90_000;

async function playOn(stage: Stage, lane: Lane, fault: FaultCase): Promise<Outcome> {
  await lane.workers.settle();
  await clearLane(stage.temporal, lane);
  await lane.reset();
  const begun = { before: readFiles(lane.files), logs: logSizes(lane.folder) };
  lane.workers.keepAlive({ respawnMs: fault.downMs, freezeMs: stage.freezeMs });
  await lane.workers.ready();
  if (fault.kind === 'second-worker') await lane.workers.double();
  // The points of a recovery are met by it alone.
  lane.arm(fault.kind === 'recover' ? [] : fault.points);
  const sampler = startSampler(lane.haproxy.socketPath, lane.backend);
  try {
    const play = fault.kind === 'recover' ? driveRecovery : drive;
    const driven = await play(stage, lane, fault, patienceMs);
    await lane.workers.settle();
    const facts = await readFacts(stage, lane, fault, driven, begun);
    return {
      broken: [...driven.faults, ...brokenOf({ ...facts, samples: await sampler.stop() })],
      spans: driven.spans,
      hit: driven.struckAtMs.map((atMs) => runningAt(facts.history, atMs)),
    };
  } finally {
    await sampler.stop();
  }
}

/** Plays one case on a lane and says what it broke. */
export async function play(stage: Stage, lane: Lane, fault: FaultCase): Promise<Played> {
  const startedMs = Date.now();
  const outcome = await playOn(stage, lane, fault).catch(async (error: unknown) => ({
    broken: [
      `not played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      ...(await describeStanding(stage.temporal, lane).catch((unknown: unknown) => [
        `nothing to be said: ${String(unknown)}`,
      ])),
    ],
  }));
  if (outcome.broken.length > 0) lane.renew();
  return { ...outcome, fault, tookMs: Date.now() - startedMs };
}
