import { Client } from 'pg';
import { PortError } from '../../ports/errors';

/**
 * `name (host:port/database)`, without user and password.
 * @throws PortError `Rejected` when the DSN cannot be read; its text is not repeated, it may hold a password.
 */
export function describeDatabase(name: string, dsn: string): string {
  const { host, port, database } = readDsn(name, dsn);
  const place = host.startsWith('/') ? host : `${host}:${port}`;
  return `${name} (${place}/${database ?? ''})`;
}

function readDsn(name: string, dsn: string): Client {
  try {
    return new Client({ connectionString: dsn });
  } catch {
    // The parser's error carries the whole DSN, so it is not kept as the cause.
    const next = 'write postgres://user:password@host:port/database behind its secret reference';
    throw new PortError('Rejected', `${name}: its DSN cannot be read; ${next}`);
  }
}

/**
 * The same server and user with another database.
 * @throws PortError `Rejected` when the DSN is no URL; its text is not repeated, it may hold a password.
 */
export function dsnOfDatabase(dsn: string, database: string): string {
  try {
    const url = new URL(dsn);
    url.pathname = `/${encodeURIComponent(database)}`;
    return url.href;
  } catch {
    const next = 'write postgres://user:password@host:port/database behind its secret reference';
    throw new PortError('Rejected', `a database beside that of a DSN cannot be named, it is no URL; ${next}`);
  }
}
