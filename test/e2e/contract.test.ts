import { Client } from 'pg';
import { explainContract } from '../../src/core/release/explain-contract';
import { contractWorkflowId } from '../../src/core/release/messages';
import type { ContractPhase, ContractState } from '../../src/core/release/contract-state';
import { startLoad, type Load } from '../../src/stack/load';
import { eventually, startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { splitName, type Fields } from '../support/shop-descriptor';

let rig: RealRig;
let orders: Load;
beforeAll(async () => {
  rig = await startRealRig({ requestsPerSecond: 40 });
  const order = { method: 'POST', path: '/orders', body: { customerName: 'Grace Hopper', totalCents: 99 } };
  const url = rig.embedded.stack.haproxy[0]?.trafficUrl ?? '';
  orders = startLoad({ url, requestsPerSecond: 40, connections: 8, paths: ['/orders/17', order] });
}, 120_000);
afterAll(async () => {
  await orders.stop();
  await rig.close();
}, 60_000);

const newForm = `case when given_name is not distinct from split_part(customer_name, ' ', 1)
  and family_name is not distinct from substr(customer_name, length(split_part(customer_name, ' ', 1)) + 2)
  then customer_name else rtrim(given_name || ' ' || family_name) end`;
const reconcile = [{ id: 'name', table: 'public.orders', key: 'id', old: 'customer_name', new: newForm }];

/** The sample's split of the name, with a data steward and declared times for its contract. */
const split = (contract: Fields): Fields => ({
  owners: { lead: 'Ada', dataSteward: 'dana' },
  migrations: [{ ...splitName, reconcile }],
  contract: { quiet: '0s', checkEvery: '1s', ...contract },
});

function contractOf({ firstRunId }: RealRelease) {
  const id = contractWorkflowId('local', 'shop', firstRunId);
  const seen = (what: string, isSo: (state: ContractState, sentence: string) => boolean): Promise<ContractState> => {
    let sentence = '';
    return eventually(
      what,
      async () => {
        const state = await rig.client.contractState(id).catch(() => undefined);
        if (state === undefined) return undefined;
        ({ sentence } = explainContract(state));
        return isSo(state, sentence) ? state : undefined;
      },
      { last: () => `It says: ${sentence}` },
    );
  };
  const said = (words: RegExp) => seen(String(words), (_state, sentence) => words.test(sentence));
  const reach = (phase: ContractPhase) => seen(phase, (state) => state.phase === phase);
  const decide = (verb: 'approve' | 'reject', by: string) =>
    rig.client[verb](id, { gate: 'contract', by, why: 'as agreed' });
  return { said, reach, decide };
}

const oldColumns = `select attname from pg_attribute where attrelid = 'orders'::regclass and attname like 'customer_name%' and not attisdropped`;
const oldColumn = async () => (await rig.sql('shop', oldColumns)).map(({ attname }) => attname);

/** Orders are taken all the time: some more than there are now. */
async function moreOrders(): Promise<void> {
  const count = async () => Number((await rig.sql('shop', 'select count(*) as n from orders'))[0]?.['n']);
  const before = await count();
  await eventually('more orders', async () => ((await count()) > before + 20 ? true : undefined));
}

/** Reads the old form as nobody should any more, until it is told to stop. */
async function startReader() {
  const role = `nightly_report_${process.pid}`;
  await rig.sql('shop', `create role ${role} login; grant select on orders to ${role}`);
  const reader = new Client({ connectionString: rig.embedded.shopDsn.replace('postgres@', `${role}@`) });
  await reader.connect();
  let isOver = false;
  const reading = (async () => {
    // A test that fails leaves it to the server's end.
    reader.on('error', () => (isOver = true));
    while (!isOver) {
      await reader.query('select customer_name from orders where id = 1').catch(() => (isOver = true));
      await new Promise((done) => setTimeout(done, 50));
    }
    await reader.end().catch(() => undefined);
  })();
  const stop = () => {
    isOver = true;
    return reading;
  };
  return { role, stop };
}

test('a contract that is refused between renaming and drop gives the old form back, with what users wrote meanwhile', async () => {
  const release = await rig.start('2.0.0', split({ renamed: '1h' }));
  expect((await release.report()).ending).toBe('Promoted');
  const contract = contractOf(release);
  await contract.reach('WaitingForApproval');
  await contract.decide('approve', 'dana');
  await contract.reach('Renamed');
  expect(await oldColumn()).toEqual([expect.stringMatching(/^customer_name__spillway_drop_/)]);
  await moreOrders();

  // It could not tell a name that is given back from its own work.
  const next = await rig.start('2.0.1', split({ renamed: '1h' }));
  expect((await next.report()).refusals.map(({ code }) => code)).toEqual(['contract-renamed']);

  await contract.decide('reject', 'dana');
  expect((await contract.reach('Declined')).parts).toEqual([
    expect.objectContaining({
      status: 'waiting',
      isRenamed: false,
      detail: expect.stringMatching(
        /^the old form has its name back; \d+ rows written meanwhile got the old form again$/,
      ) as string,
    }),
  ]);
  expect(await oldColumn()).toEqual(['customer_name']);
  await moreOrders();
  const wrong = `select id from orders where customer_name is null or customer_name is distinct from (${newForm})`;
  expect(await rig.sql('shop', wrong)).toEqual([]);
  expect([rig.load.snapshot().failed, orders.snapshot().failed]).toEqual([0, 0]);
}, 180_000);

test('a whole contract: held by a reader, approved by the steward, renamed, dropped, and every row is right', async () => {
  const { role, stop } = await startReader();
  const release = await rig.start('2.0.1', split({ quiet: '4s', renamed: '4s' }));
  expect((await release.report()).ending).toBe('Promoted');
  const contract = contractOf(release);
  await contract.said(
    new RegExp(
      `waits until nobody needs the old form: public.orders.customer_name: .*${role} called \\d+ times .select customer_name`,
    ),
  );
  await expect(contract.decide('approve', 'dana')).rejects.toThrow(/gate is not open yet/);
  await stop();
  await contract.said(
    /nobody used the old form for 4s; .*kept and test-restored: public\.orders\.customer_name in copy \S+ \(\d+ rows\)/,
  );
  await expect(contract.decide('approve', 'ada')).rejects.toThrow(/ada may not decide; dana may/);
  await contract.decide('approve', 'dana');
  await contract.said(/the old form has another name; whoever still uses it fails now/);
  await moreOrders();
  const { safety, parts } = await contract.reach('Contracted');
  expect(parts.map(({ status }) => status)).toEqual(['done']);
  expect(await oldColumn()).toEqual([]);

  // What was kept says the same as the new form does, row by row, and rows written since are whole.
  const kept = safety?.restorePoints[0]?.name ?? '';
  const counts = await rig.sql(
    'shop',
    `select count(*) filter (where k.id is not null) as kept,
            count(*) filter (where given_name is null or family_name is null
              or k.customer_name is distinct from rtrim(given_name || ' ' || family_name) and k.id is not null) as wrong
       from orders o left join spillway_kept."${kept}" k using (id)`,
  );
  expect(counts).toEqual([{ kept: expect.stringMatching(/^[1-9]\d{3,}$/) as string, wrong: '0' }]);
  const lineage = `select version, part from spillway.lineage where migration = 'split-name' and undone_at is null order by version, part`;
  expect(await rig.sql('shop', lineage)).toEqual([
    { version: '2.0.0', part: 'backfill' },
    { version: '2.0.0', part: 'expand' },
    { version: '2.0.1', part: 'contract' },
    { version: '2.0.1', part: 'expand' },
  ]);
  await moreOrders();
  expect([rig.load.snapshot().failed, orders.snapshot().failed]).toEqual([0, 0]);
}, 180_000);
