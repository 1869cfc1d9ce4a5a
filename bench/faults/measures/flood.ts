import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { abortRelease } from '../../../src/client/abort';
import { startRig, startTemporal, type Rig } from '../../../test/support/release-rig';
import type { FaultOptions, Found, Measure } from '../measure';

const signals = 20_000;
const senders = 16;
const closedWithinMs = 60_000;

/** Ends when nobody is on the canary any more. */
async function waitUntilClosed({ world }: Rig, fromMs: number): Promise<number> {
  for (;;) {
    const { green } = await world.traffic.readSplit();
    const tookMs = Date.now() - fromMs;
    if ((green.weight === 0 && green.state === 'maint') || tookMs > closedWithinMs) return tookMs;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function flood(
  address: string,
  workflowId: string,
): Promise<{ readonly taken: number; readonly refused: number }> {
  const root = join(__dirname, '../../..');
  const args = ['bench/run.mjs', 'bench/faults/flood-sender.ts', address, workflowId, String(signals), String(senders)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 10_000_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { taken: number; refused: number };
}

async function measure({
  address,
  rig,
  say,
}: { readonly address: string; readonly rig: Rig } & Pick<FaultOptions, 'say'>): Promise<Found> {
  const started = await rig.start({ stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] });
  const { workflowId } = started.handle;
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  const megabytes = (): number => process.memoryUsage().rss / 1e6;
  const before = megabytes();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, megabytes())), 200);
  const startedMs = Date.now();
  const { taken, refused } = await flood(address, workflowId);
  const floodMs = Date.now() - startedMs;
  say(`flood: ${taken} signals taken and ${refused} refused in ${floodMs} ms`);
  const orderedMs = Date.now();
  const temporal = { client: rig.client, settings: { address, namespace: 'default', profile: 'none', connection: {} } };
  void abortRelease(temporal, workflowId, { by: 'dee', why: 'flooded' }, closedWithinMs).catch(() => undefined);
  const abortHonouredMs = await waitUntilClosed(rig, orderedMs);
  await started.handle.result().catch(() => undefined);
  clearInterval(timer);
  const endedMs = Date.now() - orderedMs;
  const runs: { readonly events: number; readonly bytes: number }[] = [];
  for await (const { historyLength, historySize } of rig.client.workflow.list({
    query: `WorkflowId = '${workflowId}'`,
  }))
    runs.push({ events: historyLength, bytes: historySize ?? 0 });
  const figures = {
    signals: taken,
    refused,
    signalsPerSecond: (1_000 * taken) / floodMs,
    abortHonouredMs,
    endedMs,
    runs: runs.length,
    mostEvents: Math.max(...runs.map(({ events }) => events)),
    mostBytes: Math.max(...runs.map(({ bytes }) => bytes)),
    memoryMb: most - before,
  };
  const ending = (await started.state()).phase;
  return {
    figures,
    rows: [
      ['flood: how the release ended', `${ending}, ${Math.round(endedMs)} ms after the abort`],
      ['flood: runs; events and bytes of the longest', `${runs.length}; ${figures.mostEvents}; ${figures.mostBytes}`],
      ['flood: signals a second; refused by the server', `${Math.round(figures.signalsPerSecond)}; ${refused}`],
      ['flood: memory that the worker took for it', `${Math.round(figures.memoryMb)} MB`],
    ],
  };
}

/** Signals of every kind to one release while it bakes, then an abort behind them. */
export const flooded: Measure = {
  name: 'flood',
  async run({ say }) {
    const temporal = await startTemporal();
    const rig = await startRig(temporal.connection);
    try {
      return await measure({ address: temporal.stack.temporal.address, rig, say });
    } finally {
      await rig.stop();
      await temporal.close();
    }
  },
};
