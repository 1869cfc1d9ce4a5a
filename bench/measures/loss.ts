import { setTimeout as sleep } from 'node:timers/promises';
import { contractWorkflowId } from '../../src/core/release/messages';
import type { LoadCounts } from '../../src/stack/load-records';
import { underLoad, type Bench } from '../bench';
import type { Outcome } from '../outcome';
import { describeRelease, requireProof, requirePromoted, startRelease, type Descriptor } from '../release-run';
import { splitName } from '../split-name';

const person = { by: 'benchmark', why: 'measuring' };
const requestsPerSecond = 500;
const reads = Array.from({ length: 20 }, (_, index) => [`/orders/${index + 1}`, '/']).flat();
const write = { method: 'POST', path: '/orders', body: { customerName: 'Ada Lovelace', totalCents: 4200 } };

const migrated = (bench: Bench, version: string): Descriptor =>
  describeRelease(bench, {
    version,
    stages: [
      { canaryPercent: 5, bakeTime: '3s', minRequests: 50 },
      { canaryPercent: 25, bakeTime: '3s', minRequests: 200 },
    ],
    fullExposure: { rollbackWindow: '4s' },
    migrations: [
      {
        ...splitName,
        contract: {
          sql: 'db/002-split-name.contract.sql',
          undo: { skip: 'forward only, after the window' },
          check: 'db/002-split-name.contract.check.sql',
        },
      },
    ],
    invariants: [{ id: 'no-order-lost', query: 'db/invariants/no-order-lost.sql' }],
  });

async function abortAt(bench: Bench, version: string, percent: number): Promise<void> {
  const run = await startRelease(bench, migrated(bench, version));
  await run.atShare(percent);
  await sleep(1_500);
  await run.abort();
  requireProof(await run.end(), 'Aborted');
}

async function releaseWhole(bench: Bench): Promise<void> {
  const run = await startRelease(bench, migrated(bench, '2.0.2'));
  requirePromoted(await run.end());
  const contract = contractWorkflowId(bench.embedded.name, 'shop', run.firstRunId);
  let { gate, phase: opening } = await bench.client.contractState(contract);
  const openBy = Date.now() + 60_000;
  while (opening !== 'WaitingForApproval') {
    if (Date.now() > openBy) throw new Error(`contract is ${opening}`);
    await sleep(100);
    ({ gate, phase: opening } = await bench.client.contractState(contract));
  }
  await bench.client.approve(contract, { ...person, gate: gate.name });
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { phase, parts } = await bench.client.contractState(contract);
    if (phase === 'Contracted') return;
    if (Date.now() > deadline) throw new Error(`contract is ${phase}: ${JSON.stringify(parts)}`);
    await sleep(100);
  }
}

/** Runs last: its whole release takes the shop's database to version 2 for good. */
export async function measureLoss(bench: Bench): Promise<Outcome> {
  const parts = {
    'aborted at 25 %': () => abortAt(bench, '2.0.0', 25),
    'aborted at full exposure': () => abortAt(bench, '2.0.1', 99),
    'whole release with its migration and contract': () => releaseWhole(bench),
  } as const;
  const found: { readonly name: string; readonly counts: LoadCounts }[] = [];
  for (const [name, work] of Object.entries(parts)) {
    const options = { requestsPerSecond, connections: 32, paths: [...reads, write, write] };
    const counts = await underLoad(bench, options, async (load) => {
      await work();
      await sleep(1_000);
      return load.stop();
    });
    bench.say(`loss, ${name}: ${JSON.stringify({ sent: counts.sent, ok: counts.ok, byOutcome: counts.byOutcome })}`);
    found.push({ name, counts });
  }
  return {
    figures: Object.fromEntries(
      found.map(({ name, counts: { sent, failed, non2xx, resets, byOutcome } }) => [
        name,
        { sent, failed, non2xx, resets, byOutcome },
      ]),
    ),
    rows: found.map(({ name, counts: { sent, failed, non2xx, resets } }) => ({
      what: `never-failing service at ${requestsPerSecond} rps, ${name}`,
      measured: `${non2xx} not 2xx, ${resets} resets, ${failed - non2xx - resets} other failures of ${sent} requests`,
      bar: '0',
      isMet: failed === 0,
    })),
    isWhole: true,
  };
}
