import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { withClient } from './server';

/** A statement trigger that counts batches where a rollback takes nothing back: in a sequence. */
const countSql = `
  create sequence begun;
  create function count_batch() returns trigger language plpgsql as $$ begin perform nextval('begun'); return null; end $$;
  create trigger count_batch before update on accounts for each statement execute function count_batch()`;

export type KilledFilling = {
  readonly kills: number;
  /** Batches begun and batches that count, over all processes. */
  readonly begun: number;
  readonly done: number;
  /** The most batches that one kill cost. */
  readonly redoneMost: number;
  readonly rows: number;
};

const read = (dsn: string) =>
  withClient(dsn, async (client) => {
    const { rows } = await client.query<{ begun: string; done: number; rows: string; over: boolean }>(
      `select case when is_called then last_value else 0 end as begun, coalesce(l.batches, 0) as done,
              coalesce(l.rows, 0) as rows, l.applied_at is not null as over
         from begun left join spillway.ledger l on l.part = 'backfill'`,
    );
    const [row] = rows;
    return { begun: Number(row?.begun), done: Number(row?.done), rows: Number(row?.rows), isOver: row?.over === true };
  });

/**
 * Fills the accounts of a database in a process of its own, which is killed with SIGKILL in mid-work `kills` times, each
 * after as many milliseconds as `afterMs` says once it has begun a batch; then it is let finish.
 */
export async function killFillers(
  dsn: string,
  { kills, batchRows, afterMs }: { readonly kills: number; readonly batchRows: number; readonly afterMs: () => number },
): Promise<KilledFilling> {
  await withClient(dsn, (client) => client.query(countSql));
  const start = () =>
    spawn(
      process.execPath,
      [join(__dirname, '..', 'run.mjs'), join(__dirname, 'filler.ts'), dsn, 'release/killed', String(batchRows)],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  let redoneMost = 0;
  let killed = 0;
  let lost = 0;
  while (killed < kills) {
    const before = await read(dsn);
    if (before.isOver) break;
    const filler = start();
    const gone = once(filler, 'exit');
    while ((await read(dsn)).begun === before.begun && filler.exitCode === null) await delay(5);
    await delay(afterMs());
    filler.kill('SIGKILL');
    await gone;
    killed += 1;
    // The server notices within a second and ends what it was doing.
    await delay(1_500);
    const after = await read(dsn);
    const lostNow = after.begun - after.done - lost;
    redoneMost = Math.max(redoneMost, lostNow);
    lost += lostNow;
  }
  const last = start();
  const [code] = (await once(last, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the last filler ended with ${String(code)}`);
  const { begun, done, rows } = await read(dsn);
  return { kills: killed, begun, done, redoneMost, rows };
}
