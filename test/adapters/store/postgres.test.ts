import { randomUUID } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { createPostgresStore } from '../../../src/adapters/store/postgres';
import { verifyChain } from '../../../src/core/evidence/chain';
import type { StorePort } from '../../../src/ports/store';
import { failure } from '../../support/failure';
import { runSql, withClient } from '../../support/orders-database';
import { startTestPostgres, type TestPostgres } from '../../support/postgres';
import { publication } from '../../support/publication';

const release = 'release/test/shop/1';
let postgres: TestPostgres;
let dsn: string;
let opened: StorePort[];
const open = (at = dsn): StorePort => {
  const store = createPostgresStore({ dsn: at });
  opened.push(store);
  return store;
};

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  opened = [];
  dsn = await postgres.createDatabase(`store_${randomUUID().replaceAll('-', '')}`);
});
afterEach(() => Promise.all(opened.map((store) => store.close())));

const killAll = () =>
  runSql(dsn, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spillway store'");

describe('evidence', () => {
  it.each([
    'update spillway_store.evidence set hash = hash',
    'delete from spillway_store.evidence',
    'truncate spillway_store.evidence',
    "set session_replication_role = replica; update spillway_store.evidence set type = 'ended'",
  ])('cannot be changed: %s', async (sql) => {
    await open().publish(publication(release, 1, 2));
    await expect(runSql(dsn, sql)).rejects.toThrow(/append-only/);
    expect(verifyChain(await open().evidence(release)).ok).toBe(true);
  });

  it('stays one chain when several workers publish the same and overlapping batches', async () => {
    const batches = [publication(release, 1, 10), publication(release, 1, 10), publication(release, 1, 12)];
    await Promise.all(batches.map((batch) => open().publish(batch)));
    const stored = await open().evidence(release);
    expect(stored).toHaveLength(12);
    expect(verifyChain(stored).ok).toBe(true);
  });
});

describe('the schema', () => {
  it('is made once when many workers start at once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => open().ping()));
    expect(await runSql(dsn, 'select key, value from spillway_store.meta')).toEqual([{ key: 'version', value: '4' }]);
  });

  it('is refused when a newer Spillway has upgraded it', async () => {
    await open().ping();
    await runSql(dsn, "update spillway_store.meta set value = '99'");
    const error = await failure(open().publish(publication(release, 1, 1)));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(/its schema has version 99, this Spillway knows up to 4; run the newer Spillway/);
  });
});

describe('a store that is away', () => {
  const timed = async (call: Promise<unknown>) => {
    const start = Date.now();
    const error = await failure(call);
    return { code: error.code, text: `${error.message} ${error.stack}`, ms: Date.now() - start };
  };

  it('says so at once when nobody listens, without the password', async () => {
    const { code, text, ms } = await timed(open('postgres://ann:hunter2@127.0.0.1:1/store').ping());
    expect(code).toBe('TargetUnavailable');
    expect(text).not.toContain('hunter2');
    expect(ms).toBeLessThan(3_000);
  });

  it('gives up on a server that never answers', async () => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => sockets.add(socket));
    const port = await new Promise<number>((resolve) =>
      mute.listen(0, '127.0.0.1', () => resolve((mute.address() as { port: number }).port)),
    );
    const { code, ms } = await timed(
      open(`postgres://ann@127.0.0.1:${port}/store`).publish(publication(release, 1, 1)),
    );
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => mute.close(resolve));
    expect(code).toBe('TargetUnavailable');
    expect(ms).toBeLessThan(3_000);
  });

  it('gives up on a statement that hangs, and works when the way is free', async () => {
    const store = open();
    await store.publish(publication(release, 1, 1));
    await withClient(dsn, 'somebody', async (client) => {
      await client.query('begin; lock table spillway_store.releases');
      const { code, ms } = await timed(store.publish(publication(release, 2, 2)));
      expect(code).toBe('TargetUnavailable');
      expect(ms).toBeLessThan(3_000);
    });
    await store.publish(publication(release, 2, 2));
    expect(await store.evidence(release)).toHaveLength(2);
  });

  it('goes on with new connections when all were cut, idle ones and one in use', async () => {
    const store = open();
    await store.publish(publication(release, 1, 1));
    await killAll();
    await withClient(dsn, 'somebody', async (client) => {
      await client.query('begin; lock table spillway_store.releases');
      const publishing = failure(store.publish(publication(release, 2, 2)));
      await killAll();
      expect((await publishing).code).toBe('TargetUnavailable');
    });
    await store.publish(publication(release, 2, 2));
    expect(await store.evidence(release)).toHaveLength(2);
  });

  it('asks for the schema again when the first try failed', async () => {
    const name = `late_${randomUUID().replaceAll('-', '')}`;
    const store = open(dsn.replace(/[^/]*$/, name));
    expect((await failure(store.ping())).code).toBe('Rejected');
    await postgres.createDatabase(name);
    await store.ping();
  });
});
