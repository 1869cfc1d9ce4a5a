import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { pickFreePort } from './free-port';
import { findPostgresOwner, providePostgres, type Owner } from './postgres-binaries';
import { createComponent, type Component } from './process';
import { StackError } from './stack-error';
import type { Watchdog } from './watchdog';

export interface PostgresOptions {
  /** Whether a commit waits for the disk. Default true. */
  readonly fsync?: boolean;
}

export interface Postgres extends Component {
  /** The connection string of a database (default `postgres`); its user may do everything and needs no password. */
  dsn(database?: string): string;
  /** Creates an empty database and resolves to its connection string. */
  createDatabase(name: string): Promise<string>;
}

interface Cluster {
  readonly native: string;
  readonly dataDirectory: string;
  readonly owner: Owner | undefined;
}

async function initialise({ native, dataDirectory, owner }: Cluster): Promise<void> {
  const flags = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  try {
    await promisify(execFile)(join(native, 'bin', 'initdb'), [`--pgdata=${dataDirectory}`, ...flags], {
      cwd: '/',
      ...owner,
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StackError(`PostgreSQL's database files could not be created in ${dataDirectory}: ${why}`, { cause });
  }
}

async function query(dsn: string, compose: (client: Client) => string): Promise<void> {
  const client = new Client({ connectionString: dsn, connectionTimeoutMillis: 5_000 });
  // A server that goes away reports it twice: to the query, which throws, and here.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(compose(client));
  } finally {
    await client.end();
  }
}

async function isServing(dsn: string): Promise<boolean> {
  try {
    await query(dsn, () => 'select 1');
    return true;
  } catch {
    // Any refusal means "not yet": the caller asks again until its deadline and then shows the log.
    return false;
  }
}

function settings(port: number, { fsync = true }: PostgresOptions): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    fsync: fsync ? 'on' : 'off',
    // Contract asks it who still reads the old form.
    shared_preload_libraries: 'pg_stat_statements',
    // Files in the data directory instead of /dev/shm: small in containers, and left behind by a crash.
    dynamic_shared_memory_type: 'mmap',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** A PostgreSQL server with its files in the run directory, not started yet. */
export async function createPostgres(
  runDirectory: string,
  { watchdog, options }: { readonly watchdog: Watchdog; readonly options: PostgresOptions },
): Promise<Postgres> {
  const port = await pickFreePort();
  const dsn = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const owner = findPostgresOwner();
  const home = join(runDirectory, 'postgres');
  await mkdir(home, { mode: 0o700 });
  if (owner !== undefined) await chown(home, owner.uid, owner.gid);
  const native = await providePostgres(home, owner);
  const dataDirectory = join(home, 'data');
  const component = createComponent(
    {
      title: 'PostgreSQL',
      command: join(native, 'bin', 'postgres'),
      args: ['-D', dataDirectory, ...settings(port, options)],
      logPath: join(runDirectory, 'postgres.log'),
      ...(owner === undefined ? {} : { owner }),
      // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
      stopSignal: 'SIGINT',
      readyTimeoutMs: 30_000,
      // After a kill the old sessions need a moment to notice, and refuse a new server until then.
      launches: 20,
      isReady: () => isServing(dsn()),
    },
    watchdog,
  );
  return {
    ...component,
    start: async () => {
      if (!existsSync(dataDirectory)) await initialise({ native, dataDirectory, owner });
      await component.start();
    },
    dsn,
    createDatabase: async (name) => {
      await query(dsn(), (client) => `create database ${client.escapeIdentifier(name)}`);
      return dsn(name);
    },
  };
}
