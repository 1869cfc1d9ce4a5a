import { readFile, writeFile } from 'node:fs/promises';
import { Client } from 'pg';
import { runSql } from './run-sql';

/** The server asks these logins for their passwords; everybody else it trusts as before. */
export async function askForPasswords(dsn: string, logins: readonly string[]): Promise<void> {
  const [found] = await runSql(dsn, 'show hba_file');
  const path = String(found?.['hba_file']);
  const rule = `host all ${logins.join(',')} 127.0.0.1/32 scram-sha-256\n`;
  await writeFile(path, rule + (await readFile(path, 'utf8')));
  await runSql(dsn, 'select pg_reload_conf()');
}

/** A session that a login opens with a password and keeps. */
export async function logIn(dsn: string, login: string, password: string): Promise<Client> {
  const url = new URL(dsn);
  url.username = encodeURIComponent(login);
  url.password = encodeURIComponent(password);
  const client = new Client({ connectionString: url.href, application_name: 'billing' });
  // Whoever ends it from outside is told here too.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('select 1');
  return client;
}
