import { ClientError, type ReleaseRow, type SpillwayClient } from '../client';
import { formatDuration } from '../core/duration';
import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';
import { paintAll, styleOf } from './render/line';
import { table } from './render/table';

export type LsOptions = {
  readonly environment?: string | undefined;
  readonly service?: string | undefined;
  /** Ended ones too. */
  readonly all?: boolean | undefined;
  readonly limit?: string | undefined;
  readonly json?: boolean | undefined;
};

type Row = ReleaseRow & { readonly sentence: string };

const mostAtOnce = 10;

async function sentenceOf(client: SpillwayClient, row: ReleaseRow): Promise<string> {
  if (row.status !== 'RUNNING')
    return row.status === 'COMPLETED' || row.status === 'FAILED'
      ? ''
      : `${row.status.toLowerCase().replace('_', ' ')} in Temporal: spillway recover ${row.environment}/${row.service}`;
  try {
    return await client.sentence(row.workflowId);
  } catch (error) {
    if (error instanceof ClientError) return error.message;
    throw error;
  }
}

/** What is added to the sentence of a release that nobody runs. */
async function withoutWorker(
  client: SpillwayClient,
  rows: readonly ReleaseRow[],
): Promise<ReadonlyMap<string, string>> {
  const environments = new Set(rows.filter(({ status }) => status === 'RUNNING').map(({ environment }) => environment));
  const asked = await Promise.all(
    [...environments].map(async (environment) => [environment, await client.hasWorker(environment)] as const),
  );
  return new Map(
    asked.flatMap(([environment, has]) => (has ? [] : [[environment, ` No worker of ${environment} runs.`] as const])),
  );
}

async function withSentences(client: SpillwayClient, rows: readonly ReleaseRow[]): Promise<readonly Row[]> {
  const found: Row[] = [];
  const lacks = await withoutWorker(client, rows);
  const noteOf = ({ status, environment }: ReleaseRow): string =>
    status === 'RUNNING' ? (lacks.get(environment) ?? '') : '';
  for (let at = 0; at < rows.length; at += mostAtOnce) {
    const some = rows.slice(at, at + mostAtOnce);
    const say = async (row: ReleaseRow): Promise<Row> => ({
      ...row,
      sentence: `${await sentenceOf(client, row)}${noteOf(row)}`,
    });
    found.push(...(await Promise.all(some.map(say))));
  }
  return found;
}

function readLimit(text: string | undefined): number {
  const limit = Number(text ?? '50');
  if (Number.isInteger(limit) && limit > 0 && limit <= 1_000) return limit;
  throw new UsageError(`--limit wants a whole number from 1 to 1000, not ${JSON.stringify(text)}.`);
}

function whereOf({ kind, phase, stage, status }: ReleaseRow): string {
  if (kind === 'contract') return status === 'RUNNING' ? 'contract' : 'contract ended';
  const place = stage === undefined || stage === 'none' ? '' : ` ${stage}`;
  return `${phase ?? status.toLowerCase()}${place}`;
}

/** `spillway ls`: a table of releases, newest first. */
export async function ls(io: Io, client: SpillwayClient, options: LsOptions): Promise<number> {
  const { environment, service, all } = options;
  const limit = readLimit(options.limit);
  const rows = await client.list({ environment, service, kind: 'any', isOpen: all === true ? 'any' : true, limit });
  const lost = all === true ? [] : await client.listCutOff({ environment, service, limit });
  const found = await withSentences(client, [...rows, ...lost].slice(0, limit));
  if (options.json === true) {
    printJson(io, { releases: found });
    return exitCodes.ok;
  }
  if (found.length === 0)
    say(io, all === true ? 'There is no release.' : 'No release is open. `spillway ls --all` shows ended ones.');
  else {
    const cells = found.map((row) => [
      row.service,
      row.version ?? '?',
      row.environment,
      whereOf(row),
      formatDuration(Math.max(0, (row.endedAtMs ?? io.now()) - row.startedAtMs)),
      row.sentence,
    ]);
    print(io, ...paintAll(table(['service', 'version', 'environment', 'where', 'for', 'why'], cells), styleOf(io)));
  }
  return exitCodes.ok;
}
