import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultCase } from './cases';
import type { Facts, RowFact } from './checker/facts';
import { readFiles, readLogs, readShop, readStore, readTemporal } from './checker/read';
import { readSample } from './checker/sampler';
import type { Driven } from './drive';
import { runSql, type Lane } from './lane';
import type { Stage } from './play';
import { storyAfter, storyOf } from './story';

const settleMs = 20_000;

/** The rows of the beginning, with what users made of them since. */
const baseRowsOf = ({ world, rows }: Lane): readonly RowFact[] =>
  world.baseRows.map((row) => {
    const [total = row.total, ...orTotals] = rows.changed().get(row.ref) ?? [];
    return { ...row, total, orTotals };
  });

export function logSizes(folder: string): { readonly [file: string]: number } {
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

/** The world right before a case. */
export type Begun = { readonly before: Facts['files']['before']; readonly logs: { readonly [file: string]: number } };

/** Reads every real system once the case is over. */
export async function readFacts(
  stage: Stage,
  lane: Lane,
  fault: FaultCase,
  driven: Driven,
  begun: Begun,
): Promise<Omit<Facts, 'samples'>> {
  const releases = [...new Set([driven.firstRunId, ...driven.runs])];
  await untilTold(lane, releases);
  await lane.rows.pause();
  const written = [...lane.rows.written()];
  const baseRows = baseRowsOf(lane);
  const [shop, store, temporal, rest] = await Promise.all([
    readShop(lane.shopDsn, lane.world.totalIn),
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
    misfits: [...lane.rows.misfits()],
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
