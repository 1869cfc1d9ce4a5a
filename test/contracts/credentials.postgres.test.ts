import { randomUUID } from 'node:crypto';
import { createPostgresLogin } from '../../src/adapters/credentials/postgres-login';
import { askForPasswords, logIn } from '../support/login-server';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { runSql } from '../support/run-sql';
import { until } from '../support/until';
import { credentialsContract } from './credentials';

let postgres: TestPostgres;
/** A user with the rights that the reference page asks for, and no more. */
let dsn: string;

beforeAll(async () => {
  postgres = await startTestPostgres();
  await askForPasswords(postgres.dsn, ['shop_a', 'shop_b']);
  await runSql(
    postgres.dsn,
    `create extension pg_stat_statements;
     create role rotator login createrole;
     grant pg_signal_backend, pg_read_all_stats to rotator`,
  );
  const url = new URL(postgres.dsn);
  url.username = 'rotator';
  dsn = url.href;
});
afterAll(() => postgres.stop());

async function resetLogins(): Promise<void> {
  await runSql(
    postgres.dsn,
    `drop role if exists shop_a, shop_b;
     create role shop_a login password 'first';
     create role shop_b nologin;
     grant shop_a, shop_b to rotator with admin option, inherit false, set false`,
  );
}

/** A server gives its account of a session a moment after that has ended. */
const untilGone = (pid: number): Promise<void> =>
  until('the session is gone', async () => {
    const found = await runSql(postgres.dsn, `select from pg_stat_activity where pid = ${pid}`);
    return found.length === 0;
  });

credentialsContract('of PostgreSQL', async () => {
  await resetLogins();
  const passwords: { [login: string]: string } = {};
  const credentials = createPostgresLogin({
    dsn,
    target: 'shop-login',
    password: (login) => Promise.resolve(passwords[login] ?? ''),
  });
  return {
    credentials,
    logIn: async (login, password) => {
      const client = await logIn(dsn, login, password);
      const { rows } = await client
        .query<{ pid: number }>('select pg_backend_pid() as pid')
        .catch(() => ({ rows: [] }));
      return {
        close: async () => {
          await client.end().catch(() => undefined);
          await untilGone(rows[0]?.pid ?? 0);
        },
      };
    },
    setPassword: (login, password) => void (passwords[login] = password),
    close: () => Promise.resolve(),
  };
});

describe('logins of PostgreSQL', () => {
  const handover = { login: 'shop_b', from: 'shop_a', release: 'r1' };
  const portOf = (change: { readonly user?: string; readonly password?: string } = {}) => {
    const url = new URL(dsn);
    url.username = change.user ?? 'rotator';
    return createPostgresLogin({
      dsn: url.href,
      target: 'shop-login',
      password: () => Promise.resolve(change.password ?? 'second'),
    });
  };
  beforeEach(resetLogins);

  it('sends the server a verifier, never the password', async () => {
    const password = `seeded-${randomUUID()}`;
    await portOf({ password }).issue(handover);
    const [found] = await runSql(
      postgres.dsn,
      `select rolpassword, (select string_agg(query, ' ') from pg_stat_statements where query ilike 'alter role%') as queries
         from pg_authid where rolname = 'shop_b'`,
    );
    expect(found?.['queries']).toMatch(/alter role "shop_b" login/);
    expect(found?.['rolpassword']).toMatch(/^SCRAM-SHA-256\$4096:/);
    expect(JSON.stringify(found)).not.toContain(password);
  });

  it.each([
    ['alter', `create role weak login`, /may not alter this role.*admin option/],
    [
      'end the sessions of',
      `create role weak login createrole; grant shop_a, shop_b to weak with admin option, inherit false, set false`,
      /may not end its sessions.*pg_signal_backend/,
    ],
  ])('is refused beforehand where its user may not %s the login', async (_what, create, message) => {
    await runSql(postgres.dsn, create);
    try {
      await expect(portOf({ user: 'weak' }).check(handover)).rejects.toMatchObject({
        code: 'Rejected',
        message: expect.stringMatching(message) as string,
      });
    } finally {
      await runSql(postgres.dsn, 'drop owned by weak; drop role weak');
    }
  });

  it.each([
    ['the rights of the old one are not ours to change', 'revoke shop_a from rotator', /login shop_a.*may not alter/],
    ['is a superuser', 'alter role shop_b superuser', /login shop_b.*may not alter/],
    [
      'is in other groups',
      'grant pg_read_all_data to shop_a',
      /groups \(none\) are not those of shop_a \(pg_read_all_data\)/,
    ],
    [
      'has other settings',
      "alter role shop_b set work_mem = '1MB'",
      /settings \(work_mem=1MB\) are not those of shop_a/,
    ],
    ['may have fewer connections', 'alter role shop_b connection limit 3', /limits \(connection limit 3\)/],
  ])('is refused beforehand when it %s', async (_what, change, message) => {
    await runSql(postgres.dsn, change);
    await expect(portOf().check(handover)).rejects.toMatchObject({
      code: 'Rejected',
      message: expect.stringMatching(message) as string,
    });
  });

  it('proves the login by the user it is there, whoever the address names', async () => {
    const url = new URL(dsn);
    url.searchParams.set('user', 'rotator');
    const port = createPostgresLogin({
      dsn: url.href,
      target: 'shop-login',
      password: () => Promise.resolve('second'),
    });
    await runSql(postgres.dsn, 'alter role shop_b connection limit 0');
    await expect(port.issue(handover)).rejects.toThrow(/logging in as shop_b/);
  });

  it.each([
    ['that counts nothing', `alter role shop_a set pg_stat_statements.track = 'none'`, `alter role shop_a reset all`],
  ])('cannot see what a login does on a server %s', async (_what, change, back) => {
    await runSql(postgres.dsn, change);
    try {
      expect(await portOf().use('shop_a')).toMatchObject({ blind: expect.stringMatching(/not everybody/) as string });
    } finally {
      await runSql(postgres.dsn, back);
    }
  });

  it('tells that the counts began anew', async () => {
    const before = await portOf().use('shop_a');
    await runSql(postgres.dsn, 'select pg_stat_statements_reset()');
    expect((await portOf().use('shop_a')).epoch).not.toBe(before.epoch);
  });

  it('is refused beforehand for a login whose password has an end', async () => {
    await runSql(postgres.dsn, `alter role shop_b valid until '2099-01-01'`);
    await expect(portOf().check(handover)).rejects.toMatchObject({
      code: 'Rejected',
      message: expect.stringContaining('valid until') as string,
    });
  });

  it('is told by the server that it does not let the new login in', async () => {
    await runSql(postgres.dsn, 'alter role shop_b connection limit 0');
    await expect(portOf().issue(handover)).rejects.toMatchObject({
      message: expect.stringMatching(/logging in as shop_b/) as string,
    });
  });

  it('says that a server is away, without the password of its user', async () => {
    const away = createPostgresLogin({
      dsn: 'postgres://rotator:hush-hush@127.0.0.1:1/test',
      target: 'shop-login',
      password: () => Promise.resolve('second'),
    });
    const error: unknown = await away.state('shop_b').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TargetUnavailable' });
    expect(String(error)).not.toContain('hush-hush');
  });

  it('cannot see what comes and goes where the server counts no statements', async () => {
    await runSql(postgres.dsn, 'drop extension pg_stat_statements');
    try {
      const use = await portOf().use('shop_a');
      expect(use).toMatchObject({ blind: expect.stringMatching(/between two looks/) as string });
      expect(use).not.toHaveProperty('calls');
    } finally {
      await runSql(postgres.dsn, 'create extension pg_stat_statements');
    }
  });
});
