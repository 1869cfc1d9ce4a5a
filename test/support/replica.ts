import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pickFreePort } from '../../src/stack/free-port';
import { findPostgresOwner, providePostgres } from '../../src/stack/postgres-binaries';
import { runSql, withClient } from './orders-database';
import { temporaryDirectory } from './temporary-directory';
import { until } from './until';

export type Replica = {
  /** A database of it, to be read; written once it is promoted. */
  dsn(database: string): string;
  /** Makes it a primary of its own, with what it has received. */
  promote(): Promise<void>;
  /** Its replay stands still until it is let go on. */
  pause(): Promise<void>;
  goOn(): Promise<void>;
  stop(): Promise<void>;
};

/** A streaming replica of a server, from a copy of its files; `name` is how the primary calls it. */
export async function startReplica(primaryDsn: string, name: string): Promise<Replica> {
  const { path: home, remove } = await temporaryDirectory();
  const owner = findPostgresOwner();
  if (owner !== undefined) await chown(home, owner.uid, owner.gid);
  const native = await providePostgres(home, owner);
  const data = join(home, 'replica');
  await mkdir(data, { mode: 0o700 });
  await withClient(primaryDsn, 'base backup', async (client) => {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const from = rows[0]?.data_directory ?? '';
    await client.query("select pg_backup_start('replica', true)");
    await cp(from, data, {
      recursive: true,
      filter: (path) => !['postmaster.pid', 'postmaster.opts'].includes(basename(path)),
    });
    const stopped = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await writeFile(join(data, 'backup_label'), stopped.rows[0]?.labelfile ?? '');
  });
  await writeFile(join(data, 'standby.signal'), '');
  if (owner !== undefined) await giveAll(data, owner);
  const { hostname, port: primaryPort } = new URL(primaryDsn);
  const port = await pickFreePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    dynamic_shared_memory_type: 'mmap',
    fsync: 'off',
    primary_conninfo: `host=${hostname} port=${primaryPort} user=postgres application_name=${name}`,
  };
  const child = spawn(
    join(native, 'bin', 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    { stdio: 'ignore', cwd: '/', ...owner },
  );
  const dsnOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const dsn = dsnOf('postgres');
  const streaming = `select 1 from pg_stat_replication where application_name = '${name}' and state = 'streaming'`;
  await until('the replica streams', async () => (await runSql(primaryDsn, streaming)).length > 0, 60_000);
  return {
    dsn: dsnOf,
    promote: async () => void (await runSql(dsn, 'select pg_promote()')),
    pause: async () => void (await runSql(dsn, 'select pg_wal_replay_pause()')),
    goOn: async () => void (await runSql(dsn, 'select pg_wal_replay_resume()')),
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
      await remove();
    },
  };
}

async function giveAll(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  await chown(path, owner.uid, owner.gid);
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (entry.isDirectory()) await giveAll(join(path, entry.name), owner);
    else if (entry.isFile()) await chown(join(path, entry.name), owner.uid, owner.gid);
}
