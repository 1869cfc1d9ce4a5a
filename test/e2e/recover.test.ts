import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { runCli } from '../../src/cli/program';
import { shopDirectory } from '../../src/stack/shop';
import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { deletesQuickly, forget, isExposed } from '../support/recoveries';
import { longAt25, splitName, type Fields } from '../support/shop-descriptor';
import { createTestIo } from '../support/test-io';

let rig: RealRig;
let connection: Connection;
let temporal: Client;
let release: RealRelease;
let before: unknown;

const configuration = '{"limit" : 3,\n\n\t"banner":"a b"  }\n';
const files = ['configuration-blue.json', 'configuration-green.json', 'flags.json'];
const undoFile = splitName.expand.undo;
const everything: Fields = {
  ...longAt25,
  migrations: [splitName],
  configuration: [{ set: { limit: 5 } }],
  flags: [
    { flag: 'new-checkout', value: true },
    { flag: 'stop-checkout', value: false, killSwitch: true },
  ],
};

const fileOf = (name: string): string => join(rig.embedded.stack.runDirectory, name);
const split = () => readProxy(rig.embedded.stack.haproxy[0]?.socketPath ?? '');

/** What a release changes and what it must not, as everybody else reads it. */
async function lookAt(): Promise<unknown> {
  const names = `(select string_agg(column_name, ',' order by column_name) from information_schema.columns where table_name = 'orders')`;
  const first = `(select md5(string_agg(id || customer_name, ',' order by id)) from orders where id <= 5000)`;
  return {
    split: await split(),
    files: files.map((name) => readFileSync(fileOf(name), 'utf8')),
    orders: await rig.sql('shop', `select ${names} as columns, ${first} as rows`),
    canary: (await rig.embedded.slotctl('status', { slot: 'green' }))['state'],
  };
}

beforeAll(async () => {
  rig = await startRealRig({
    temporal: { headless: true, dynamicConfig: deletesQuickly },
    requestsPerSecond: 100,
  });
  connection = await Connection.connect({ address: rig.embedded.stack.temporal.address });
  temporal = new Client({ connection });
  writeFileSync(fileOf('configuration-blue.json'), '{"limit": 3}');
  writeFileSync(fileOf('configuration-green.json'), configuration);
  // In the form in which the engine writes it: flags share a file, whose bytes are nobody's snapshot.
  writeFileSync(fileOf('flags.json'), `${JSON.stringify({ flags: { 'stop-checkout': true } }, null, 2)}\n`);
  before = await lookAt();
});
afterAll(async () => {
  await connection.close();
  await rig.close();
});

/** A release that has changed everything it may, cut off while it shows its canary to a quarter of all users. */
async function cutOff(version: string, undoSql?: string): Promise<RealRelease> {
  const own = undoSql === undefined ? {} : { [undoFile]: undoSql };
  const begun = await rig.start(version, everything, own);
  await begun.reach('exposed', isExposed);
  expect(shareOf(await split(), 'green')).toBeCloseTo(25, 0);
  expect(await lookAt()).not.toMatchObject({ files: (before as { files: unknown }).files });
  await temporal.workflow.getHandle(begun.workflowId).terminate('by mistake');
  return begun;
}

async function command(...args: readonly string[]) {
  const test = createTestIo({ client: rig.client });
  return { code: await runCli(args, test.io), out: test.out(), err: test.err() };
}

const recover = () => command('recover', 'local/shop', '--why', 'terminated by mistake', '--watch');

/** Ended with proof, the world as before it, and the id free for the next one. */
async function expectRestored({ workflowId, firstRunId }: RealRelease): Promise<void> {
  const report = await rig.client.result(workflowId);
  expect(report).toMatchObject({
    ending: 'RolledBack',
    release: firstRunId,
    failure: { code: 'Recovered' },
    proof: { isRestored: true, drift: [] },
  });
  expect(new Set(report.undone.map(({ status }) => status))).toEqual(new Set(['verified']));
  expect(await lookAt()).toEqual(before);
  expect(closedTo('green')(await split())).toBe(true);
  expect((await temporal.workflow.getHandle(workflowId).describe()).status.name).toBe('FAILED');
}

test('a terminated release lets no other begin, is brought back with its proof printed, and frees the service', async () => {
  release = await cutOff('2.0.0');
  const refused = await (await rig.start('2.1.0')).report();
  expect([refused.ending, refused.refusals[0]?.code]).toEqual(['Refused', 'open-release']);
  expect(shareOf(await split(), 'green')).toBeCloseTo(25, 0);

  const { code, out } = await recover();
  expect(out).toMatch(/proof: the baseline is restored/i);
  expect(code).toBe(3);
  await expectRestored(release);
});

test('a release that Temporal has forgotten is brought back from the store in the same way', async () => {
  release = await cutOff('2.1.0');
  await forget(temporal, release.workflowId, release.firstRunId);

  const { code, out } = await recover();
  expect(out).toMatch(/proof: the baseline is restored/i);
  expect(code).toBe(3);
  await expectRestored(release);
  const how = await rig.sql(
    'store',
    `select record -> 'detail' ->> 'from' as place from spillway_store.evidence
     where release = '${release.firstRunId}' and record -> 'detail' ->> 'type' = 'recovered'`,
  );
  expect(how).toEqual([{ place: 'store' }]);
});

test('a recovery whose worker is killed while it undoes the schema ends rightly under the next worker', async () => {
  const slow = readFileSync(join(shopDirectory, undoFile), 'utf8');
  const slowly = '-- spillway: allow server-function because a kill has to hit it while it runs\n';
  release = await cutOff('2.2.0', `${slowly}select pg_sleep(0.7);\n${slow}`);
  const { firstRunId } = await rig.client.recover({ workflowId: release.workflowId, by: 'dee', why: 'by mistake' });
  await release.reach(
    'the schema is undone',
    ({ compensations }) => compensations['migrate/split-name/expand']?.status === 'running',
  );
  const [worker] = rig.embedded.workers;
  await worker?.kill();
  await worker?.start();
  await rig.client.result(release.workflowId, { firstRunId, timeoutMs: 40_000 });
  await expectRestored(release);
});

test('the next release begins and ends as if nothing had been', async () => {
  const next = await (await rig.start('2.3.0', { stages: [] })).report();
  expect(next.ending).toBe('Promoted');
});

test('no request of anybody failed meanwhile', () => {
  expect(rig.load.snapshot()).toMatchObject({ failed: 0, resets: 0 });
});
