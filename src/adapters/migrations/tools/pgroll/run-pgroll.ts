import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PortError } from '../../../../ports/errors';
import type { Session } from '../../../postgres/session';
import { runTool } from '../run-tool';
import { toolDsn } from '../tool-dsn';
import type { PgrollPlace } from './read-state';

export type PgrollOptions = PgrollPlace & {
  /** How pgroll is called, e.g. `['pgroll']`. */
  readonly command: readonly string[];
  /** Rows of one batch of its backfill. */
  readonly batchRows: number;
  readonly batchDelayMs: number;
  /** How long one command may take: `start` fills whole tables. */
  readonly timeoutMs: number;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly lockTimeoutMs: number;
};

/** One command of pgroll, with the file that it is given written beside it. */
export type PgrollCall = {
  /** E.g. `pgroll start of 0001-orders/expand`. */
  readonly what: string;
  readonly dsn: string;
  readonly verb: 'start' | 'complete' | 'rollback' | 'init' | 'baseline';
  readonly file?: { readonly path: string; readonly sql: string };
  readonly signal?: AbortSignal | undefined;
};

/** Runs one command of pgroll. That it ended well says nothing: `start` without a baseline does nothing and ends well. */
export async function runPgroll(options: PgrollOptions, { what, dsn, verb, file, signal }: PgrollCall): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-pgroll-'));
  try {
    const path = join(folder, basename(file?.path ?? 'none'));
    if (file !== undefined) await writeFile(path, file.sql);
    const { schema, stateSchema, lockTimeoutMs, statementTimeoutMs, timeoutMs, batchRows, batchDelayMs } = options;
    const places = ['--schema', schema, '--pgroll-schema', stateSchema, '--lock-timeout', String(lockTimeoutMs)];
    const pace = ['--backfill-batch-size', String(batchRows), '--backfill-batch-delay', `${batchDelayMs}ms`];
    const rest = {
      start: [path, ...pace],
      baseline: ['spillway_copy', folder, '--yes', '--json'],
      complete: [],
      rollback: [],
      init: [],
    }[verb];
    await runTool({
      what,
      argv: [...options.command, ...places, verb, ...rest],
      environment: {
        ...withoutSettings(options.environment),
        // The DSN holds a password, and everybody may read the arguments of a process.
        PGROLL_PG_URL: toolDsn(dsn, { lockTimeoutMs, statementTimeoutMs }, 'pgroll'),
      },
      statementTimeoutMs,
      timeoutMs,
      signal,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A variable of the worker such as PGROLL_USE_VERSION_SCHEMA would change what every command does. */
const withoutSettings = (environment: PgrollOptions['environment']): PgrollOptions['environment'] =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('PGROLL_')));

/** On a busy server the session of a pgroll that has ended well is still seen for so long. */
const leavingMs = 2_000;
const betweenLooksMs = 50;

async function findAtWork(session: Session): Promise<number | undefined> {
  const { rows } = await session.query<{ pid: number }>(
    `select pid from pg_stat_activity
      where datname = current_database() and application_name in ('pgroll', 'pgroll-state') order by pid`,
  );
  return rows[0]?.pid;
}

/**
 * A pgroll whose worker was killed runs on, and what it has half done looks like what a dead one left.
 * @throws PortError `TargetUnavailable` while one is at work in the database.
 */
export async function refuseWhileAtWork(session: Session, what: string, target: string): Promise<void> {
  const endsMs = Date.now() + leavingMs;
  let pid = await findAtWork(session);
  while (pid !== undefined && Date.now() < endsMs) {
    await delay(betweenLooksMs);
    pid = await findAtWork(session);
  }
  if (pid === undefined) return;
  throw new PortError(
    'TargetUnavailable',
    `${what} on ${target}: another pgroll is at work there (server process ${pid}); it is tried again when that has ended`,
  );
}
