import { policySchema } from '../../src/core/policy/schema';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, updates, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';
import { previewUndo } from '../../src/workflows/messages';

const rigs = createRigs();
afterAll(rigs.close);

const files = {
  'a.sql': 'alter table orders add first text',
  'a.undo.sql': 'alter table orders drop first',
  'a.losses.sql': 'select id from orders where length(first) > 10',
  'b.sql': 'update orders set first = name where id in (select id from orders where first is null limit 100)',
  'b.undo.sql': 'update orders set first = null where first is not null',
};
const change = {
  ...endless,
  migrations: [
    {
      id: 'm',
      expand: { sql: 'a.sql', undo: 'a.undo.sql', losses: 'a.losses.sql' },
      backfill: { batch: 'b.sql', undo: 'b.undo.sql' },
    },
  ],
  notify: [{ to: 'chat' }],
};
const policy = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'stewards',
  roles: { 'data-steward': ['dana'] },
});
const choose = (started: Started, by: string, choice: string, more = {}) =>
  started.handle.executeUpdate(updates.chooseData, { args: [said(by, { choice, ...more }) as never] });

/** An aborted release whose undo would lose three rows. */
async function atRisk(rig: Rig): Promise<Started> {
  const started = await rig.start(change, files);
  await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
  rig.world.database.setLosses('a.losses.sql', ['7', '8', '9']);
  await started.handle.signal(signals.abort, said('dee'));
  await started.reach(({ phase }) => phase === 'RollbackIncomplete', 'stuck');
  return started;
}
const undos = (rig: Rig) => rig.control.calls.filter(({ name }) => name === 'database.undo').map(({ args }) => args);

test.concurrent(
  'rows that an undo would lose are found before the first undo of their migration, and put to the data steward',
  rigs.on(async (rig) => {
    const started = await atRisk(rig);
    const { compensations } = await started.state();
    expect(compensations['migrate/m/backfill']).toMatchObject({ status: 'stuck', cause: 'undo-would-lose-data' });
    expect(compensations['migrate/m/backfill']?.detail).toMatch(
      /undo-would-lose-data: the undo of migrate\/m\/backfill at orders would lose 3 rows \(keys 7, 8, 9\) by a\.losses\.sql/,
    );
    expect(undos(rig)).toEqual([]);
    expect((await rig.world.traffic.readSplit()).green.weight).toBe(0);
    expect(await started.sentence()).toMatch(
      /^Rolled back but for data, choose now: .*; dana: spillway data-choice shop/,
    );
    const [, digest = ''] = /(sha256:\w+)/.exec(compensations['migrate/m/backfill']?.detail ?? '') ?? [];
    expect(rig.world.store.erasable(digest)).toContain('["7","8","9"]');
    for (const update of [updates.waive, updates.continue])
      await expect(started.handle.executeUpdate(update, { args: [said('ada')] })).rejects.toMatchObject({
        cause: { message: /would lose data: choose what becomes of it/ },
      });
    await expect(choose(started, 'ada', 'lose')).rejects.toMatchObject({
      cause: { message: 'ada is no data steward; dana may choose lose' },
    });
    rig.world.database.setLosses('a.losses.sql', []);
    await choose(started, 'ada', 'retry');
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
  }, policy),
);

test.concurrent(
  'a steward lets them go: a copy is kept, and the migration is undone to the end',
  rigs.on(async (rig) => {
    const started = await atRisk(rig);
    await choose(started, 'dana', 'lose');
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(undos(rig).map(([, , lost]) => lost)).toMatchObject([
      { queries: [{ path: 'a.losses.sql' }], chosen: { by: 'dana', rows: 3 } },
      { queries: [{ path: 'a.losses.sql' }], chosen: { by: 'dana', rows: 3 } },
    ]);
    expect((await started.state()).compensations['migrate/m/expand']?.detail).toMatch(/3 lost rows kept in lost/);
  }, policy),
);

test.concurrent(
  'a choice is for the rows that it was made about: for more of them the steward is asked again',
  rigs.on(async (rig) => {
    const started = await atRisk(rig);
    rig.world.database.setLosses('a.losses.sql', ['6', '7', '8', '9']);
    await choose(started, 'dana', 'lose');
    await started.reach(({ compensations }) => compensations['migrate/m/backfill']?.rowsAtRisk === 4, 'asked again');
    expect((await started.state()).compensations['migrate/m/backfill']?.detail).toMatch(
      /would lose 4 rows .* \(dana chose to lose 3,/,
    );
    expect(undos(rig)).toEqual([]);
    await choose(started, 'dana', 'lose');
    const { report } = await failureOf(started.handle.result());
    expect(report.proof?.isRestored).toBe(true);
  }, policy),
);

test.concurrent(
  'the new form is kept: all it stands on stays, and the proof says so and is waived by that choice',
  rigs.on(async (rig) => {
    const started = await atRisk(rig);
    await choose(started, 'ada', 'keep', { effect: 'migrate/m/backfill' });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', false]);
    expect(undos(rig)).toEqual([]);
    const waived = report.undone.filter(({ status }) => status === 'waived').map(({ effect }) => effect);
    expect([...waived].sort()).toEqual(['migrate/m/backfill', 'migrate/m/expand', 'proof']);
    expect(report.sentence).toMatch(/the proof does not hold and was waived; not as before: schema orders: .*by ada/);
  }, policy),
);

test.concurrent(
  'what an abort would lose is told before anybody orders it',
  rigs.on(async (rig) => {
    const started = await rig.start(change, files);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    const preview = () => started.handle.executeUpdate(previewUndo);
    expect((await preview()).sentence).toBe(
      'An undo now would lose no row that a query of losses finds. Not checked for loss: migrate/m/backfill.',
    );
    rig.world.database.setLosses('a.losses.sql', ['7']);
    expect((await preview()).sentence).toMatch(/^An undo now would lose 1 row \(key 7\) in migrate\/m\/expand/);
    rig.world.database.setLosses('a.losses.sql', []);
    await started.handle.signal(signals.abort, said('dee'));
    expect((await failureOf(started.handle.result())).type).toBe('Aborted');
  }, policy),
);

const reconciled = {
  stages: [{ canaryPercent: 25, bakeTime: '300ms', minRequests: 5 }],
  migrations: [
    {
      id: 'm',
      expand: { sql: 'a.sql', undo: 'a.undo.sql' },
      reconcile: [{ id: 'name', table: 'orders', key: 'id', old: 'name', new: 'first' }],
    },
  ],
};
const expandFiles = { 'a.sql': files['a.sql'], 'a.undo.sql': files['a.undo.sql'] };

test.concurrent(
  'old and new form are reconciled before the canary and before the window closes, as evidence',
  rigs.on(async (rig) => {
    const sums = { rows: 1_000, checksum: '4711' };
    rig.world.database.setForms('m/name', { rows: 1_000, old: sums, new: sums });
    const started = await rig.start(reconciled, expandFiles);
    await started.handle.result();
    const { stages } = await started.state();
    for (const id of ['verify', 'reconcile'])
      expect(stages.find((stage) => stage.id === id)?.reason).toMatch(
        /m\/name: 1,000 rows of orders, both forms agree \(checksum 4711\)/,
      );
  }, policy),
);

test.concurrent(
  'forms that differ turn the release back, by count and key, and the old form is proved after the undo',
  rigs.on(async (rig) => {
    const sums = { rows: 10, checksum: '4711' };
    rig.world.database.setForms('m/name', { rows: 10, old: sums, new: sums, differing: 2, keys: ['3', '12'] });
    const started = await rig.start(reconciled, expandFiles);
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.failure?.reason]).toEqual([
      'RolledBack',
      'CheckFailed',
      expect.stringMatching(
        /^verify: Old and new form of the data do not agree: .*2 of 10 rows of orders differ \(keys 3, 12\)/,
      ),
    ]);
    expect(report.proof?.lines.find(({ object }) => object.startsWith('data m/name'))).toMatchObject({
      expected: '10 rows, none changed by the undo',
      isEqual: true,
    });
  }, policy),
);
