import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { Client, Connection } from '@temporalio/client';
import { checkTargets } from '../../src/cli/doctor-targets';
import { parseEnvironment } from '../../src/core/environment/parse';
import { contractWorkflowId } from '../../src/core/release/messages';
import { slotConfigurationPath } from '../../src/stack/shop';
import { askForPasswords, logIn } from '../support/login-server';
import { eventually, startRealRig, type RealRig } from '../support/real-release';
import { temporaryDirectory } from '../support/temporary-directory';

let rig: RealRig;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;

const secretOf = (login: string): string => join(directory.path, login);
const first = 'first-secret-of-a';
const second = 'second-secret-of-b';

/** As a platform team would write it into the entry of the service. */
async function giveCredentials(path: string): Promise<void> {
  const environment = parse(await readFile(path, 'utf8')) as { services: { shop: object } };
  Object.assign(environment.services.shop, { credentials: 'login' });
  await writeFile(path, stringify(environment));
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  const logins = ['shop_a', 'shop_b'].map((role) => ({ role, password: `file:${secretOf(role)}` }));
  const login = { kind: 'postgres-login', dsn: 'env:LOGIN_DSN', logins };
  rig = await startRealRig({ workers: 0, targets: { login }, requestsPerSecond: 40 });
  const { embedded } = rig;
  Object.assign(embedded.env, { LOGIN_DSN: embedded.shopDsn });
  await rig.sql('shop', `create role shop_a login password '${first}'; create role shop_b nologin`);
  await askForPasswords(embedded.shopDsn, ['shop_a', 'shop_b']);
  const path = slotConfigurationPath(embedded.stack, 'blue');
  await writeFile(path, JSON.stringify({ databaseLogin: 'shop_a' }));
  await giveCredentials(embedded.environmentFile);
  await embedded.addWorker();
}, 120_000);
afterAll(async () => {
  await rig.close();
  await directory.remove();
}, 60_000);

const rotation = {
  credentials: { setting: 'databaseLogin' },
  stages: [{ canaryPercent: 25, bakeTime: '300ms', minRequests: 5 }],
  fullExposure: { rollbackWindow: '300ms', minRequests: 5 },
  contract: { quiet: '0s', checkEvery: '500ms', renamed: '0s' },
};
test('the doctor says which login is open', async () => {
  const parsed = parseEnvironment(await readFile(rig.embedded.environmentFile, 'utf8'), 'environment.yaml');
  if (!parsed.ok) throw new Error('the environment file is refused');
  const checks = await checkTargets(parsed.value, rig.embedded.env);
  expect(checks).toContainEqual({
    name: 'credential login',
    isGood: true,
    detail: expect.stringMatching(/^shop_a \w+, shop_b \w+/) as string,
  });
});

const works = async (login: string, password: string): Promise<boolean> => {
  try {
    await (await logIn(rig.embedded.shopDsn, login, password)).end();
    return true;
  } catch {
    return false;
  }
};
const loginOf = async (slot: 'blue' | 'green'): Promise<unknown> =>
  (JSON.parse(await readFile(slotConfigurationPath(rig.embedded.stack, slot), 'utf8')) as { databaseLogin: unknown })
    .databaseLogin;

test('takes a credential back with a bad version, then rotates it with a good one, and contract revokes the old login', async () => {
  const bad = await rig.start('3.0.0', { ...rotation, stages: [{ canaryPercent: 25, bakeTime: '10m' }] });
  // The worker is at work already when the new password comes.
  const refused = await bad.report();
  expect(refused).toMatchObject({ ending: 'Refused' });
  expect(refused.sentence).toMatch(/file:.*shop_b.*cannot be read.*create the file/);
  await writeFile(secretOf('shop_b'), `${second}\n`);

  const again = await rig.start('3.0.0', { ...rotation, stages: [{ canaryPercent: 25, bakeTime: '10m' }] });
  await again.reach('exposed', ({ stage }) => stage === 'expose-25');
  expect([await works('shop_a', first), await works('shop_b', second), await loginOf('green')]).toEqual([
    true,
    true,
    'shop_b',
  ]);
  const rolledBack = await again.report();
  expect(rolledBack).toMatchObject({ ending: 'RolledBack', proof: { isRestored: true } });
  expect(rolledBack.proof?.lines).toContainEqual(
    expect.objectContaining({ object: 'login shop_b of login', expected: 'closed', observed: 'closed' }),
  );
  expect([await works('shop_a', first), await works('shop_b', second)]).toEqual([true, false]);

  const good = await rig.start('2.0.0', rotation);
  const promoted = await good.report();
  expect(promoted.ending).toBe('Promoted');
  expect(await loginOf('green')).toBe('shop_b');
  const id = contractWorkflowId('local', 'shop', good.firstRunId);
  const phase = async () => (await rig.client.contractState(id).catch(() => undefined))?.phase;
  await eventually('its gate opens', async () => ((await phase()) === 'WaitingForApproval' ? true : undefined));
  expect(await works('shop_a', first)).toBe(true);
  await rig.client.approve(id, { gate: 'contract', by: 'dana', why: 'nobody uses it' });
  await eventually('it is revoked', async () => ((await phase()) === 'Contracted' ? true : undefined));
  expect([await works('shop_a', first), await works('shop_b', second)]).toEqual([false, true]);
  for (const [place, text] of Object.entries(await everythingSaid(good.workflowId, id)))
    expect([place, text.includes(second), text.includes('shop_b')]).toEqual([place, false, true]);
}, 120_000);

/** The texts of all payloads in an event, however deep. */
function payloadsOf(part: unknown): readonly string[] {
  if (part instanceof Uint8Array) return [Buffer.from(part).toString()];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(payloadsOf) : [];
}

/** What is kept of a release and its contract for people to read. */
async function everythingSaid(...workflowIds: readonly string[]): Promise<{ readonly [place: string]: string }> {
  const { address } = rig.embedded.stack.temporal;
  const connection = await Connection.connect({ address });
  try {
    const { workflow } = new Client({ connection });
    const histories = await Promise.all(workflowIds.map((each) => workflow.getHandle(each).fetchHistory()));
    const events = histories.flatMap(({ events: found }) => found ?? []);
    const [evidence] = await rig.sql('store', 'select jsonb_agg(e)::text as text from spillway_store.evidence e');
    return {
      history: events.flatMap(payloadsOf).join('\n'),
      evidence: String(evidence?.['text']),
    };
  } finally {
    await connection.close();
  }
}
