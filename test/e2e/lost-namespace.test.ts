import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../../src/cli/program';
import { verifyChain, type ChainedRecord } from '../../src/core/evidence/chain';
import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { isExposed } from '../support/recoveries';
import { longAt25, splitName } from '../support/shop-descriptor';
import { createTestIo } from '../support/test-io';
import { until } from '../support/until';

let rig: RealRig;
let release: RealRelease;
let before: unknown;

const everything = {
  ...longAt25,
  migrations: [splitName],
  configuration: [{ set: { limit: 5 } }],
  flags: [{ flag: 'new-checkout', value: true }],
};

const fileOf = (name: string): string => join(rig.embedded.stack.runDirectory, name);
const split = () => readProxy(rig.embedded.stack.haproxy[0]?.socketPath ?? '');

/** Everything that the release changes, as everybody else reads it. */
async function lookAt(): Promise<unknown> {
  const columns = `select string_agg(column_name, ',' order by column_name) as names from information_schema.columns where table_name = 'orders'`;
  return {
    split: await split(),
    files: ['configuration-green.json', 'flags.json'].map((name) => readFileSync(fileOf(name), 'utf8')),
    columns: await rig.sql('shop', columns),
    canary: (await rig.embedded.slotctl('status', { slot: 'green' }))['state'],
  };
}

async function command(...args: readonly string[]) {
  const test = createTestIo({ client: rig.client });
  return { code: await runCli(args, test.io), out: test.out(), err: test.err() };
}

const recover = () => command('recover', 'local/shop', '--why', 'the Temporal server was lost', '--watch');

beforeAll(async () => {
  // In memory: a server that is killed has lost its database, and the next one begins with an empty one of its own.
  rig = await startRealRig({ temporal: { headless: true, storage: 'memory' }, requestsPerSecond: 100 });
  writeFileSync(fileOf('configuration-green.json'), '{"limit": 3}');
  writeFileSync(fileOf('flags.json'), `${JSON.stringify({ flags: {} }, null, 2)}\n`);
  before = await lookAt();
});
afterAll(() => rig.close());

test('the whole Temporal server is lost while a quarter of the users is on the canary, and its successor knows nothing', async () => {
  release = await rig.start('2.0.0', everything);
  await release.reach('exposed', isExposed);
  const { temporal } = rig.embedded.stack;
  await temporal.kill();
  await temporal.start();
  await until('the command line is answered', async () => (await rig.client.readNamespace()).namespace !== '');
  expect(await rig.client.readNamespace()).toMatchObject({ missingAttributes: [] });
  await expect(rig.client.state(release.workflowId)).rejects.toMatchObject({ code: 'not-found' });
  expect(shareOf(await split(), 'green')).toBeCloseTo(25, 0);
  expect(await lookAt()).not.toEqual(before);
});

test('no release may begin there: the store knows of the one that is open', async () => {
  const { ending, refusals } = await (await rig.start('2.1.0')).report();
  expect([ending, refusals.map(({ code }) => code)]).toEqual(['Refused', ['open-release']]);
  expect(shareOf(await split(), 'green')).toBeCloseTo(25, 0);
});

test('recover brings it back to its own snapshot from the store, with its proof printed', async () => {
  const { code, out } = await recover();
  expect(out).toMatch(/proof: the baseline is restored/i);
  expect(code).toBe(3);
  const report = await rig.client.result(release.workflowId);
  expect(report).toMatchObject({
    ending: 'RolledBack',
    release: release.firstRunId,
    failure: { code: 'Recovered' },
    proof: { isRestored: true, drift: [] },
  });
  expect(new Set(report.undone.map(({ status }) => status))).toEqual(new Set(['verified']));
  expect(await lookAt()).toEqual(before);
  expect(closedTo('green')(await split())).toBe(true);
});

test('the evidence of the release is one whole chain across both servers', async () => {
  const rows = await rig.sql(
    'store',
    `select record, previous, hash from spillway_store.evidence where release = '${release.firstRunId}' order by seq`,
  );
  const records = rows.map(
    ({ record, previous, hash }) => ({ ...(record as object), previous, hash }) as ChainedRecord,
  );
  expect(verifyChain(records).ok).toBe(true);
  expect(records.filter(({ detail }) => detail['type'] === 'recovered')).toMatchObject([{ detail: { from: 'store' } }]);
  expect(records.at(-1)?.type).toBe('ended');
});

test('the next release begins and ends as if nothing had been, and no request of anybody failed meanwhile', async () => {
  const again = await recover();
  expect(again.code).not.toBe(0);
  expect(again.out + again.err).toContain('nothing-to-recover');
  const next = await (await rig.start('2.2.0', { stages: [] })).report();
  expect(next.ending).toBe('Promoted');
  expect(rig.load.snapshot()).toMatchObject({ failed: 0, resets: 0 });
});
