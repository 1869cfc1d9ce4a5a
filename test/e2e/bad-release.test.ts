import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedTo, readProxy } from '../support/proxy-split';
import { eventually, startRealRig, type RealRig } from '../support/real-release';
import { addNote, longAt25 } from '../support/shop-descriptor';

let rig: RealRig;

beforeAll(async () => {
  rig = await startRealRig({ shopEnvironment: { SHOP_FAIL_AFTER_MS: '800' } });
});
afterAll(() => rig.close());

const socket = (): string => rig.embedded.stack.haproxy[0]?.socketPath ?? '';
const fileOf = (name: string): string => join(rig.embedded.stack.runDirectory, name);
const noteColumns = () =>
  rig.sql('shop', `select 1 from information_schema.columns where table_name = 'orders' and column_name = 'note'`);

test('takes back migration, configuration to the byte, flag and traffic of a bad release, with proof', async () => {
  const configuration = '{"limit" : 3,\n\n\t"banner":"a b"  }\n';
  writeFileSync(fileOf('configuration-green.json'), configuration);
  writeFileSync(fileOf('flags.json'), '{"flags":{"old":true}}');
  const release = await rig.start('3.0.0', {
    ...longAt25,
    migrations: [addNote],
    configuration: [{ set: { limit: 5 } }],
    flags: [{ flag: 'new-checkout', value: true, killSwitch: true }],
  });
  await release.reach('exposed', ({ stage }) => stage === 'expose-25');
  expect(JSON.parse(readFileSync(fileOf('configuration-green.json'), 'utf8'))).toMatchObject({ limit: 5 });
  expect(JSON.parse(readFileSync(fileOf('flags.json'), 'utf8'))).toEqual({
    flags: { old: true, 'new-checkout': true },
  });
  expect(await noteColumns()).toHaveLength(1);

  const report = await release.report();
  const endedAtMs = Date.now();
  expect(report).toMatchObject({ ending: 'RolledBack', failure: { code: 'GuardrailBroken' } });
  expect(report.failure?.reason).toMatch(/http-errors: canary .* of \d+ requests .*baseline .*limit/);
  expect(report.proof).toMatchObject({ isRestored: true, drift: [] });
  expect(new Set(report.undone.map(({ status }) => status))).toEqual(new Set(['verified']));
  expect(readFileSync(fileOf('configuration-green.json'), 'utf8')).toBe(configuration);
  expect(JSON.parse(readFileSync(fileOf('flags.json'), 'utf8'))).toEqual({ flags: { old: true } });
  expect(await noteColumns()).toEqual([]);
  expect(closedTo('green')(await readProxy(socket()))).toBe(true);

  const closedAtMs = (await rig.client.state(release.workflowId)).compensations['expose/shop']?.endedAtMs ?? 0;
  expect(closedAtMs).toBeGreaterThan(0);
  await eventually('users were served after the end', () =>
    Promise.resolve(rig.load.since(endedAtMs).ok > 100 ? true : undefined),
  );
  expect(rig.load.lastStartedTo('green')).toBeLessThan(closedAtMs);
});

test('brings the weight to zero when it is aborted, and says so with proof', async () => {
  const release = await rig.start('2.0.0', longAt25);
  await release.reach('exposed', ({ journal }) =>
    journal.some(({ effect, state }) => effect === 'expose/shop' && state === 'done'),
  );
  const aborted = await rig.client.abort(release.workflowId, { by: 'dee', why: 'wrong day' });
  expect(aborted).toMatchObject({ isActing: true });
  await eventually(
    'closed at the proxy',
    async () => (closedTo('green')(await readProxy(socket())) ? true : undefined),
    {
      deadlineMs: 5_000,
    },
  );
  const report = await release.report();
  expect(report).toMatchObject({ ending: 'Aborted', failure: { code: 'Aborted', by: 'dee' } });
  expect(report.proof?.isRestored).toBe(true);
});

test('harms nobody but those whom the bad canary served', () => {
  const { bySlot, failed, resets } = rig.load.snapshot();
  expect(bySlot['blue']?.failed).toBe(0);
  expect(failed).toBe(bySlot['green']?.failed);
  expect(resets).toBe(0);
});
