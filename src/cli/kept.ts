import { readFile } from 'node:fs/promises';
import { contractOptions } from '../adapters/contract/options';
import { createPostgresContract } from '../adapters/contract/postgres';
import { resolveSecret } from '../adapters/secrets';
import { formatDuration } from '../core/duration';
import { formatIssue } from '../core/descriptor/issue';
import { plural } from '../core/plural';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import type { ContractPort } from '../ports/contract';
import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';
import { environmentFileOf } from './open-store';
import { paintAll, styleOf } from './render/line';
import { table } from './render/table';

export type DatabaseOptions = {
  readonly environmentFile?: string | undefined;
  readonly target?: string | undefined;
  readonly json?: boolean | undefined;
};

/** Works on one database of an environment file, past Temporal and every worker. */
async function withDatabase(
  io: Io,
  { environmentFile, target, json }: DatabaseOptions,
  work: (contracts: ContractPort, name: string) => Promise<number>,
): Promise<number> {
  const file = await environmentFileOf(environmentFile);
  if (file === undefined)
    throw new UsageError('Name the environment whose database is meant: --environment-file FILE.');
  const read = await readEnvironmentFile(file);
  if (!read.ok) {
    if (json === true) printJson(io, { ok: false, issues: read.issues });
    else print(io, ...read.issues.map(formatIssue));
    return exitCodes.invalid;
  }
  const found = Object.entries(read.value.targets).flatMap(([name, each]) =>
    each.kind === 'postgres' && (target === undefined || name === target) ? [{ name, postgres: each }] : [],
  );
  const [only, ...more] = found;
  if (only === undefined || more.length > 0)
    throw new UsageError(
      only === undefined
        ? `${file} has no PostgreSQL target${target === undefined ? '' : ` ${target}`}.`
        : `${file} has several databases; name one by --target: ${found.map(({ name }) => name).join(', ')}.`,
    );
  const dsn = await resolveSecret(only.postgres.dsn, io.env, (path) => readFile(path, 'utf8'));
  const options = { ...contractOptions(only.postgres, io.env), dsn, target: only.name };
  return work(createPostgresContract(options), only.name);
}

/** `spillway kept`: the copies of what contracts removed; with `--remove-expired` those whose time is over go. */
export const kept = (
  io: Io,
  options: DatabaseOptions & { readonly removeExpired?: boolean | undefined },
): Promise<number> =>
  withDatabase(io, options, async (contracts, name) => {
    const removed = options.removeExpired === true ? await contracts.removeExpired() : [];
    const copies = await contracts.kept();
    if (options.json === true) {
      printJson(io, { copies, removed });
      return exitCodes.ok;
    }
    if (options.removeExpired === true)
      say(io, `Removed: ${removed.join(', ') || 'nothing, no copy is past its time'}.`);
    if (copies.length === 0) say(io, `${name} keeps no copy.`);
    else
      print(
        io,
        ...paintAll(
          table(
            ['NAME', 'OF', 'ROWS', 'TAKEN', 'KEPT UNTIL'],
            copies.map((copy) => [copy.name, copy.of, String(copy.rows), copy.takenAt, copy.keptUntil]),
          ),
          styleOf(io),
        ),
      );
    return exitCodes.ok;
  });

/** `spillway restore-kept`: brings a dropped column or table back with its values, for rows that are still there. */
export const restoreKept = (io: Io, options: DatabaseOptions & { readonly name: string }): Promise<number> =>
  withDatabase(io, options, async (contracts, target) => {
    const startedMs = Date.now();
    const rows = await contracts.restoreKept(options.name);
    if (options.json === true) printJson(io, { name: options.name, target, rows });
    else
      say(
        io,
        `${plural(rows, 'row')} of ${options.name} brought back at ${target} in ${formatDuration(Date.now() - startedMs)}. Rows written since the contract have no value there.`,
      );
    return exitCodes.ok;
  });

/** `spillway lineage`: which version of a service came with which migrations. */
export const lineage = (io: Io, options: DatabaseOptions & { readonly service: string }): Promise<number> =>
  withDatabase(io, options, async (contracts, target) => {
    const entries = await contracts.lineage(options.service);
    if (options.json === true) printJson(io, entries);
    else if (entries.length === 0) say(io, `${target} records no migration of ${options.service}.`);
    else
      print(
        io,
        ...paintAll(
          table(
            ['VERSION', 'MIGRATION', 'PARTS', 'AT', 'UNDONE'],
            entries.map(({ version, migration, parts, at, undoneAt }) => [
              version,
              migration,
              parts.join(', '),
              at,
              undoneAt ?? '',
            ]),
          ),
          styleOf(io),
        ),
      );
    return exitCodes.ok;
  });
