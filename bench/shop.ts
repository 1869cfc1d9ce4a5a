import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { nowMs } from '../src/stack/load-sender';

export type Misbehaviour = {
  readonly failShare?: number;
  readonly failAfterMs?: number;
  readonly burst?: { readonly share: number; readonly ms: number };
};

const record = z.object({ requests: z.number(), failures: z.number(), firstFailureAt: z.number().nullable() });
export type ShopRecord = z.infer<typeof record>;

async function ask(slotUrl: string, body?: Misbehaviour): Promise<ShopRecord> {
  const response = await fetch(`${slotUrl}/admin/behaviour`, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the shop at ${slotUrl} answers ${response.status}`);
  return record.parse(await response.json());
}

/** Changes how one running shop behaves from now on; it forgets what it saw before. */
export const misbehave = (slotUrl: string, change: Misbehaviour): Promise<ShopRecord> => ask(slotUrl, change);

/** When the shop sent its first bad answer, by its own record: the load sees it only after the network and the proxy. */
export async function waitForFirstFailure(slotUrl: string): Promise<number> {
  const deadline = nowMs() + 10_000;
  for (;;) {
    const { firstFailureAt } = await ask(slotUrl);
    if (firstFailureAt !== null) return firstFailureAt;
    if (nowMs() > deadline) throw new Error(`the shop at ${slotUrl} has not failed in 10 s`);
    await sleep(10);
  }
}

/**
 * Requests sent past the proxy. Which requests fail is drawn from a seed, so this moves the draw on:
 * else every run would fail the same ones.
 */
export async function advanceDraw(slotUrl: string, requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += 1) await (await fetch(`${slotUrl}/`)).arrayBuffer();
}
