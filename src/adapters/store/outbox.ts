import type { Pool } from 'pg';
import type { OutboxItem, StorePort } from '../../ports/store';

type OutboxRow = Pick<OutboxItem, 'id' | 'sink' | 'notification' | 'attempts'>;

/** Leases due items, oldest first; items that another worker is taking right now are passed over. */
export async function takeItems(pool: Pool, limit: number, leaseMs: number): Promise<readonly OutboxItem[]> {
  const { rows } = await pool.query<OutboxRow>(
    `with taken as (
       update spillway_store.outbox set attempts = attempts + 1, due_at = now() + $2 * interval '1 millisecond'
        where id in (select id from spillway_store.outbox where delivered_at is null and due_at <= now()
                      order by due_at, place limit $1 for update skip locked)
       returning id, place, sink, notification, attempts)
     select id, sink, notification, attempts from taken order by place`,
    [limit, leaseMs],
  );
  return rows.map(({ id, sink, notification, attempts }) => ({ id, sink, notification, attempts }));
}

const longestError = 500;

/** Notes what became of an item; one that was delivered stays so, whatever a late attempt says. */
export async function settleItem(pool: Pool, ...[id, outcome]: Parameters<StorePort['settleOutbox']>): Promise<void> {
  if (outcome.delivered) {
    await pool.query('update spillway_store.outbox set delivered_at = coalesce(delivered_at, now()) where id = $1', [
      id,
    ]);
    return;
  }
  await pool.query(
    `update spillway_store.outbox set last_error = $2, due_at = now() + $3 * interval '1 millisecond'
      where id = $1 and delivered_at is null`,
    [id, outcome.error.replaceAll('\0', '\uFFFD').slice(0, longestError), outcome.retryInMs],
  );
}
