import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { connectClient } from '../../src/client';
import { startStack } from '../../src/stack/start-stack';
import { deletesQuickly } from '../support/recoveries';
import { startLane, type Lane } from './lane';
import type { Stage } from './play';
import { readSchemas } from './schemas';
import type { World } from './world';

/** Everything that cases are played on: the shared parts, and lanes side by side. */
export type FaultStack = { readonly stage: Stage; readonly lanes: readonly Lane[]; close(): Promise<void> };

export type FaultStackOptions = {
  readonly lanes: number;
  /** How long a frozen worker stays frozen, in milliseconds. */
  readonly freezeMs: number;
  readonly world: World;
  /** Whether the database waits for its disk. */
  readonly fsync: boolean;
};

/** Starts the shared parts and so many lanes. */
export async function startFaultStack({
  lanes: laneCount,
  freezeMs,
  world,
  fsync,
}: FaultStackOptions): Promise<FaultStack> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const shared = await startStack({
    parts: ['temporal', 'postgres', 'prometheus'],
    // A server that is killed has to know afterwards what it knew.
    temporal: { headless: true, storage: 'file', dynamicConfig: deletesQuickly },
    postgres: { fsync },
    scrapeTargets: [],
  });
  const lanes: Lane[] = [];
  try {
    for (let index = 1; index <= laneCount; index += 1) lanes.push(await startLane(shared, index, world));
    shared.prometheus.setTargets(
      lanes.map(({ haproxy, backend }) => ({
        address: new URL(haproxy.statsUrl).host,
        service: backend,
        slot: 'blue',
      })),
    );
    const schemas = await readSchemas(await shared.postgres.createDatabase('schemas'), world);
    const client = await connectClient({ address: shared.temporal.address, env: {} });
    const connection = await Connection.connect({ address: shared.temporal.address });
    // Held so that the runtime which replays histories lives from the first replay to the last.
    const held = await NativeConnection.connect({ address: shared.temporal.address });
    const temporal = new Client({ connection, namespace: shared.temporal.namespace });
    return {
      lanes,
      stage: {
        client,
        temporal,
        schemas,
        freezeMs,
        spans: {},
        shared,
      },
      async close() {
        await Promise.all(lanes.map((lane) => lane.close()));
        await client.close();
        await connection.close();
        await held.close();
        await shared.stop();
      },
    };
  } catch (error) {
    await Promise.all(lanes.map((lane) => lane.close()));
    await shared.stop();
    throw error;
  }
}
