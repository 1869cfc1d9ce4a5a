import { verifyChain, type ChainedRecord } from '../../src/core/evidence/chain';
import { closedTo, readProxy } from '../support/proxy-split';
import { eventually, startRealRig, type RealRig } from '../support/real-release';
import { longAt25, type Files } from '../support/shop-descriptor';

let rig: RealRig;

beforeAll(async () => {
  rig = await startRealRig();
});
afterAll(() => rig.close());

const restart = async (): Promise<void> => {
  await rig.embedded.stack.postgres.kill();
  await rig.embedded.stack.postgres.start();
};
const tagged = async (): Promise<number> =>
  Number((await rig.sql('shop', `select count(*)::int as n from orders where tag is not null`))[0]?.['n']);
const columns = () =>
  rig.sql('shop', `select 1 from information_schema.columns where table_name = 'orders' and column_name = 'tag'`);

const tagOrders = {
  id: 'tag-orders',
  expand: { sql: 'tag.expand.sql', undo: 'tag.undo.sql' },
  backfill: { batch: 'tag.batch.sql', undo: { skip: 'goes with expand' }, check: 'tag.check.sql' },
};
const files: Files = {
  'tag.expand.sql': 'alter table orders add column tag text',
  'tag.undo.sql': 'alter table orders drop column tag',
  'tag.batch.sql': `-- spillway: allow server-function because the test stops it in the midst
    update orders set tag = 'old' from (select pg_sleep(0.15)) as pause
    where id in (select id from orders where tag is null and id <= 5000 order by id limit 250)`,
  'tag.check.sql': 'select id from orders where tag is null and id <= 5000 limit 20',
};
const evidenceOf = async (release: string): Promise<readonly ChainedRecord[]> =>
  (
    await rig.sql(
      'store',
      `select record, previous, hash from spillway_store.evidence where release like '%${release}' order by seq`,
    )
  ).map(({ record, previous, hash }) => ({ ...(record as object), previous, hash }) as ChainedRecord);

async function expectWholeEvidence(release: string, ending: string): Promise<void> {
  const records = await evidenceOf(release);
  expect(verifyChain(records)).toMatchObject({ ok: true });
  expect(records.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['started', 'snapshot', 'intent', 'effect', 'checkpoint']),
  );
  expect(records.at(-1)).toMatchObject({ type: 'ended', detail: { ending } });
}

test('undoes a half-done backfill when the database was killed in it and the release is then aborted', async () => {
  const release = await rig.start('2.0.0', { migrations: [tagOrders] }, files);
  await eventually('some rows', async () => ((await tagged().catch(() => 0)) >= 500 ? true : undefined));
  await restart();
  await rig.client.abort(release.workflowId, { by: 'dee', why: 'the database died' });
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
  expect(await columns()).toEqual([]);
  await expectWholeEvidence(release.firstRunId, 'Aborted');
});

test('goes on with a backfill after the database was killed in it and came back', async () => {
  const release = await rig.start('2.0.0', { migrations: [{ ...tagOrders, id: 'tag-again' }] }, files);
  await eventually('some rows', async () => ((await tagged().catch(() => 0)) >= 500 ? true : undefined));
  await restart();
  const report = await release.report();
  expect(report.ending).toBe('Promoted');
  expect(await tagged()).toBe(5000);
  const [entry] = await rig.sql(
    'shop',
    `select batches, rows::int from spillway.ledger where migration = 'tag-again' and part = 'backfill'`,
  );
  expect(entry).toMatchObject({ rows: 5000 });
  await expectWholeEvidence(release.firstRunId, 'Promoted');
});

test('exposes, aborts and closes while the store is down, and has the whole evidence after it is back', async () => {
  const release = await rig.start('2.1.0', {
    stages: [{ canaryPercent: 5, bakeTime: '2s', minRequests: 5 }, ...longAt25.stages],
    invariants: [],
    // The shop loses its database too: half of all requests fail in both versions, and which fails more often is chance.
    metrics: { 'http-errors': { source: 'proxy', max: 'baseline + 90%' } },
  });
  const { snapshot } = await release.reach('exposed at 5 %', ({ stage }) => stage === 'expose-5');
  const isClosed = closedTo(snapshot?.roles.canary ?? 'green');
  await rig.embedded.stack.postgres.kill();
  await release.reach('exposed at 25 %', ({ journal, stage }) => stage === 'expose-25' && journal.length > 1);
  await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' });
  const socket = rig.embedded.stack.haproxy[0]?.socketPath ?? '';
  await eventually('closed', async () => (isClosed(await readProxy(socket)) ? true : undefined), {
    deadlineMs: 5_000,
  });
  await release.reach('undone', ({ compensations }) =>
    Object.values(compensations).every(({ status }) => status === 'verified'),
  );
  await rig.embedded.stack.postgres.start();
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
  await expectWholeEvidence(release.firstRunId, 'Aborted');
});
