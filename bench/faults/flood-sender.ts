import { Client, Connection } from '@temporalio/client';
import { sendFlood } from '../../test/support/flood';

/** Floods one release from a process of its own, so that it takes no time of the worker: address, workflow id, signals, senders. */
export async function main([
  address = '',
  workflowId = '',
  signals = '0',
  senders = '1',
]: readonly string[]): Promise<number> {
  const connection = await Connection.connect({ address });
  const flood = {
    signals: Number(signals),
    hugeEvery: 100,
    hugeBytes: 120_000,
    senders: Number(senders),
    isPersistent: true,
  };
  const { taken, refusals } = await sendFlood(new Client({ connection }), workflowId, flood);
  const refused = [...refusals.values()].reduce((sum, count) => sum + count, 0);
  process.stdout.write(`${JSON.stringify({ taken, refused })}\n`);
  await connection.close();
  return 0;
}
