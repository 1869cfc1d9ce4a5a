import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { taskQueues } from '../../src/core/release/messages';
import type { ReleaseState } from '../../src/core/release/state';
import { readProxy } from '../support/proxy-split';
import { startRealRig, eventually, type RealRelease, type RealRig } from '../support/real-release';
import { receiver } from '../support/receiver';
import { addNote, longAt25 } from '../support/shop-descriptor';
import { workflowBundle } from '../support/workflow-bundle';

const secrets = {
  password: `canary-${randomBytes(8).toString('hex')}`,
  token: `canary-${randomBytes(8).toString('hex')}`,
};
let rig: RealRig;
let sink: Awaited<ReturnType<typeof receiver>>;
let connection: Connection;
let native: NativeConnection;
let temporal: Client;
let release: RealRelease;
let state: ReleaseState;

beforeAll(async () => {
  sink = await receiver();
  rig = await startRealRig({ workers: 0, targets: { chat: { kind: 'webhook', url: 'env:CHAT_URL' } } });
  const withPassword = (dsn: string): string => dsn.replace('postgres@', `postgres:${secrets.password}@`);
  const { env, stack } = rig.embedded;
  Object.assign(env, {
    SPILLWAY_STORE_DSN: withPassword(env['SPILLWAY_STORE_DSN'] ?? ''),
    SPILLWAY_SHOP_DSN: withPassword(env['SPILLWAY_SHOP_DSN'] ?? ''),
    CHAT_URL: `${sink.url}/hook?token=${secrets.token}`,
  });
  await rig.embedded.addWorker();
  connection = await Connection.connect({ address: stack.temporal.address });
  temporal = new Client({ connection });
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  native = await NativeConnection.connect({ address: stack.temporal.address });
  release = await rig.start('2.0.0', { ...longAt25, migrations: [addNote], notify: [{ to: 'chat' }] });
  state = await release.reach('exposed', ({ journal }) =>
    journal.some((e) => e.effect === 'expose/shop' && e.state === 'done'),
  );
});
afterAll(async () => {
  await native.close();
  await connection.close();
  await rig.close();
  await sink.close();
});

const split = () => readProxy(rig.embedded.stack.haproxy[0]?.socketPath ?? '');

async function codeOf(result: Promise<unknown>): Promise<string> {
  const error: unknown = await result.then(
    (value) => new Error(`it was done: ${JSON.stringify(value)}`),
    (found: unknown) => found,
  );
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
  throw error;
}

describe('somebody who may write to the namespace', () => {
  const forgeWith = async (activity: string, input: unknown): Promise<string> => {
    const worker = await Worker.create({
      connection: native,
      taskQueue: 'forger',
      workflowBundle: await workflowBundle({ workflowsPath: require.resolve('../support/forge') }),
    });
    const queue = taskQueues('local').effects;
    return worker.runUntil(() =>
      codeOf(
        temporal.workflow.execute('forge', {
          workflowId: `forge-${randomBytes(4).toString('hex')}`,
          taskQueue: 'forger',
          args: [{ queue, activity, input }],
        }),
      ),
    );
  };
  const permit = () => {
    const { sealed, snapshot, rolesMac } = state;
    if (sealed === undefined || snapshot === undefined || rolesMac === undefined) throw new Error('not prepared');
    return { seal: sealed.seal, roles: snapshot.roles, rolesMac };
  };
  const effect = (key: string) => {
    const found = state.sealed?.effects.find((sealed) => sealed.effect.key === key);
    if (found === undefined) throw new Error(`no effect ${key}`);
    return found;
  };

  test.each([
    [
      'an effect with another mac',
      () => ({ permit: permit(), sealed: { ...effect('expose/shop'), mac: '0'.repeat(64) }, canaryPercent: 99 }),
    ],
    [
      'slots the other way round',
      () => ({
        permit: { ...permit(), roles: { baseline: 'green', canary: 'blue' } },
        sealed: effect('expose/shop'),
        canaryPercent: 99,
      }),
    ],
    [
      'a sealed effect, called by a workflow that is not its release',
      () => ({ permit: permit(), sealed: effect('expose/shop'), canaryPercent: 99 }),
    ],
  ])('moves nobody by %s', async (_name, input) => {
    const before = await split();
    expect(await forgeWith('exposeCanary', input())).toBe('SealBroken');
    expect(await split()).toEqual(before);
  });

  test('gets no SQL run by changing a sealed file', async () => {
    const sealed = effect('migrate/add-note/expand');
    if (sealed.effect.kind !== 'migrate') throw new Error('not a migration');
    const evil = {
      ...sealed,
      effect: { ...sealed.effect, apply: { ...sealed.effect.apply, sql: 'drop table receipts' } },
    };
    expect(await forgeWith('migrate', { permit: permit(), sealed: evil })).toBe('SealBroken');
    expect(await rig.sql('shop', `select to_regclass('receipts') is not null as there`)).toEqual([{ there: true }]);
  });

  test('gets no query of its own run as a check of the data', async () => {
    const query = { path: 'own.sql', sql: 'select 1 from receipts' };
    const input = { permit: permit(), migrations: [], invariants: [{ target: 'shop-db', query }] };
    expect(await forgeWith('verifyData', input)).toBe('SealBroken');
  });

  test('writes no ending into the store', async () => {
    const { seal, mac } = state.sealed ?? {};
    const ended = { phase: 'RolledBack', sentence: 'over', endedAt: new Date().toISOString() };
    const [row] = await rig.sql(
      'store',
      `select * from spillway_store.releases where release = '${release.firstRunId}'`,
    );
    const input = {
      author: { seal, mac },
      publication: { row: { ...row, ...ended, release: release.firstRunId }, evidence: [], notifications: [] },
    };
    expect(await forgeWith('publish', input)).toBe('SealBroken');
    expect(
      await rig.sql('store', `select ended_at from spillway_store.releases where release = '${release.firstRunId}'`),
    ).toEqual([{ ended_at: null }]);
  });

  test('cannot start a second release beside the first', async () => {
    await expect(rig.start('2.1.0')).rejects.toMatchObject({ code: 'already-running' });
  });
});

test('no secret is in history, log or store', async () => {
  await rig.client.abort(release.workflowId, { by: 'dee', why: 'enough' });
  expect((await release.report()).ending).toBe('Aborted');
  await eventually('told', () => Promise.resolve(sink.requests.length > 0 ? true : undefined));
  expect(sink.requests[0]?.path).toContain(secrets.token);
  const { runDirectory } = rig.embedded.stack;
  const handle = temporal.workflow.getHandle(release.workflowId, release.firstRunId);
  const tables = ['releases', 'evidence', 'samples', 'outbox', 'roles'];
  const rows = await Promise.all(tables.map((table) => rig.sql('store', `select * from spillway_store.${table}`)));
  const logs = readdirSync(runDirectory).filter((name) => /^(worker|supervisor).*\.log$/.test(name));
  expect(logs.length).toBeGreaterThan(1);
  const places = {
    history: JSON.stringify(historyToJSON(await handle.fetchHistory())),
    description: JSON.stringify((await handle.describe()).memo),
    store: JSON.stringify(rows),
    ledger: JSON.stringify(await rig.sql('shop', 'select * from spillway.ledger')),
    ...Object.fromEntries(logs.map((name) => [name, readFileSync(join(runDirectory, name), 'utf8')])),
  };
  for (const [place, text] of Object.entries(places)) {
    const found = [...Object.values(secrets), rig.embedded.env['SPILLWAY_SEAL_KEY'] ?? ''].filter((secret) =>
      [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -2)].some((form) =>
        text.includes(form),
      ),
    );
    expect({ place, found }).toEqual({ place, found: [] });
    expect(text.length).toBeGreaterThan(1);
  }
});

describe('a release started by hand', () => {
  const startByHand = (input: unknown) =>
    temporal.workflow.execute('release', {
      workflowId: release.workflowId,
      taskQueue: taskQueues('local').workflow,
      args: [input],
    });

  test('is refused when a file of its bundle is not what its digest says', async () => {
    const bundle = {
      descriptor: { path: 'release.yaml', text: '{}' },
      files: [{ path: 'a.sql', sha256: '0'.repeat(64), text: 'drop table orders' }],
    };
    expect(await codeOf(startByHand({ request: { bundle, requestedBy: 'eve' } }))).toBe('Refused');
  });

  test('is refused when it brings a state of its own', async () => {
    const before = await split();
    const { sealed } = state;
    if (sealed === undefined) throw new Error('not sealed');
    const forged = {
      ...state,
      stages: state.stages.map((stage) => ({ ...stage, state: 'waiting' })),
      sealed: {
        ...sealed,
        plan: { ...sealed.plan, stages: sealed.plan.stages.filter(({ kind }) => kind !== 'verify') },
      },
    };
    const carried = { state: forged, seq: 100, unpublished: [], notices: [] };
    expect(await codeOf(startByHand({ request: { requestedBy: 'eve' }, carried }))).toBe('Refused');
    expect(await split()).toEqual(before);
  });

  test('cannot begin a contract whose release did not begin it', async () => {
    const { sealed, snapshot, rolesMac } = state;
    const permit = { seal: sealed?.seal, roles: snapshot?.roles, rolesMac };
    const contract = temporal.workflow.execute('contract', {
      workflowId: `contract/local/shop/${release.firstRunId}`,
      taskQueue: taskQueues('local').workflow,
      args: [{ sealed, permit, requestedBy: 'eve' }],
    });
    expect(await codeOf(contract)).toBe('Refused');
  });
});
