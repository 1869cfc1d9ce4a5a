import { readdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { SpillwayClient } from '../../src/client';
import type { Stack } from '../../src/stack/start-stack';
import { join } from 'node:path';
import type { FaultCase } from './cases';
import type { Facts } from './checker/facts';
import { brokenOf } from './checker/invariants';
import { readFiles, readLogs, readShop, readStore, readTemporal } from './checker/read';
import { readSample, startSampler } from './checker/sampler';
import { describeStanding } from './describe-standing';
import { drive, type Driven } from './drive';
import { driveRecovery } from './drive-recovery';
import { runSql, type Lane } from './lane';
import type { Schemas } from './schemas';
import { storyAfter, storyOf } from './story';
import { clearLane } from './clear-lane';

export type Stage = {
  readonly client: SpillwayClient;
  readonly temporal: Client;
  readonly schemas: Schemas;
  readonly freezeMs: number;
  /** The parts that all lanes share. */
  readonly shared: Pick<Stack, 'temporal' | 'postgres' | 'prometheus'>;
};

export type Played = {
  readonly fault: FaultCase;
  readonly broken: readonly string[];
  readonly tookMs: number;
};

const patienceMs = 90_000;
const settleMs = 20_000;

const baseRows = Array.from({ length: 600 }, (_, index) => ({
  ref: `base-${index + 1}`,
  name: `Customer Number${index + 1}`,
  total: 101 + index,
}));

function logSizes(folder: string): { readonly [file: string]: number } {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return Object.fromEntries(names.map((name) => [name, statSync(join(folder, name)).size]));
}

/** Waits until nothing is left to tell, or for so long. What a dead worker had taken would be free again in a minute. */
async function untilTold(lane: Lane, releases: readonly string[]): Promise<void> {
  const startedMs = Date.now();
  for (let look = 1; Date.now() < startedMs + settleMs; look += 1) {
    const { outbox } = await readStore(lane.storeDsn, releases);
    if (outbox.length > 0 && outbox.every(({ isDelivered }) => isDelivered)) return;
    if (look % 20 === 0)
      await runSql(lane.storeDsn, 'update spillway_store.outbox set due_at = now() where delivered_at is null');
    await sleep(100);
  }
}

type Begun = { readonly before: Facts['files']['before']; readonly logs: { readonly [file: string]: number } };

/** Reads every real system once the case is over. */
async function readFacts(
  stage: Stage,
  lane: Lane,
  fault: FaultCase,
  driven: Driven,
  begun: Begun,
): Promise<Omit<Facts, 'samples'>> {
  const releases = [...new Set([driven.firstRunId, ...driven.runs])];
  await untilTold(lane, releases);
  const written = [...lane.platform.written()];
  const [shop, store, temporal, rest] = await Promise.all([
    readShop(lane.shopDsn),
    readStore(lane.storeDsn, releases),
    readTemporal(stage.temporal, driven.workflowId, driven.runs),
    readSample(lane.haproxy.socketPath, lane.backend),
  ]);
  const received = lane.receiver.requests.map(({ headers, body }) => {
    const { kind } = JSON.parse(body) as { readonly kind: string };
    return { id: String(headers['x-spillway-notification-id']), kind, body };
  });
  return {
    story: storyAfter(storyOf(fault, lane, driven, stage.freezeMs), fault, temporal.history, stage.freezeMs),
    rest,
    slots: lane.platform.running(),
    starts: lane.platform.starts(),
    ...shop,
    schemas: stage.schemas,
    written,
    baseRows,
    misfits: [...lane.platform.misfits()],
    files: { before: begun.before, after: readFiles(lane.files) },
    ...store,
    ...temporal,
    received,
    texts: {
      ...temporal.texts,
      ...readLogs(lane.folder, begun.logs),
      evidence: JSON.stringify(store.evidence),
      messages: received.map(({ body }) => body).join('\n'),
    },
    secrets: lane.canaries,
  };
}

async function playOn(stage: Stage, lane: Lane, fault: FaultCase): Promise<readonly string[]> {
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
    return [...driven.faults, ...brokenOf({ ...facts, samples: await sampler.stop() })];
  } finally {
    await sampler.stop();
  }
}

/** Plays one case on a lane and says what it broke. */
export async function play(stage: Stage, lane: Lane, fault: FaultCase): Promise<Played> {
  const startedMs = Date.now();
  const broken = await playOn(stage, lane, fault).catch(async (error: unknown) => [
    `not played: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ...(await describeStanding(stage.temporal, lane).catch((unknown: unknown) => [
      `nothing to be said: ${String(unknown)}`,
    ])),
  ]);
  if (broken.length > 0) lane.renew();
  return { fault, broken, tookMs: Date.now() - startedMs };
}
