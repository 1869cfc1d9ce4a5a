import { createShopProcesses, until } from './processes';

const shop = createShopProcesses();
afterAll(() => shop.close());

interface Report {
  readonly requests: number;
  readonly failures: number;
  readonly firstFailureAt: number | null;
  readonly lastRequestStartedAt: number | null;
  readonly firstRequestAt: number | null;
}

const statusOf = async (url: string, headers: Record<string, string> = {}) => (await fetch(url, { headers })).status;
const reportOf = async (url: string) => (await (await fetch(`${url}/admin/behaviour`)).json()) as Report;
const change = (url: string, behaviour: unknown) =>
  fetch(`${url}/admin/behaviour`, { method: 'POST', body: JSON.stringify(behaviour) });

async function statuses(url: string, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push(await statusOf(url));
  return seen;
}
const failed = (seen: readonly number[]) => seen.filter((status) => status === 500).length;

describe('bad versions of the shop', () => {
  it('fails the wanted share of user requests, the same ones for the same seed', async () => {
    const environment = { SHOP_VERSION: '3.0.0', SHOP_FAIL_AFTER_MS: '0', SHOP_FAIL_SHARE: '0.3', SHOP_SEED: '7' };
    const [one, two] = await Promise.all([shop.startHealthyServer(environment), shop.startHealthyServer(environment)]);
    const [first, second] = await Promise.all([statuses(one.url, 1000), statuses(two.url, 1000)]);
    expect(first).toEqual(second);
    expect(failed(first)).toBeGreaterThan(250);
    expect(failed(first)).toBeLessThan(350);
    expect(await reportOf(one.url)).toMatchObject({ requests: 1000, failures: failed(first) });
  });

  it('begins to fail the told time after the first user request', async () => {
    const environment = { SHOP_VERSION: '3.0.0', SHOP_FAIL_AFTER_MS: '400', SHOP_FAIL_SHARE: '1' };
    const { url } = await shop.startHealthyServer(environment);
    expect(await statusOf(url, { 'x-spillway-check': 'yes' })).toBe(200);
    expect((await reportOf(url)).requests).toBe(0);
    await until('it fails', async () => ((await statusOf(url)) === 500 ? true : undefined));
    const { firstRequestAt, firstFailureAt } = await reportOf(url);
    const afterMs = (firstFailureAt ?? 0) - (firstRequestAt ?? 0);
    expect(afterMs).toBeGreaterThanOrEqual(400);
    expect(afterMs).toBeLessThan(900);
    expect(await statusOf(url, { 'x-spillway-check': 'yes' })).toBe(200);
    expect(await statusOf(`${url}/healthz`)).toBe(200);
  });

  it('changes at run time and begins its record anew', async () => {
    const { url } = await shop.startHealthyServer();
    expect(failed(await statuses(url, 20))).toBe(0);
    const before = performance.timeOrigin + performance.now();
    expect((await change(url, { failShare: 1, failAfterMs: 0 })).status).toBe(200);
    expect(failed(await statuses(url, 5))).toBe(5);
    const report = await reportOf(url);
    expect(report).toMatchObject({ requests: 5, failures: 5 });
    expect(report.firstFailureAt).toBeGreaterThan(before);
    expect(report.lastRequestStartedAt).toBeGreaterThan(report.firstFailureAt ?? Infinity);
    await change(url, { failShare: 0, burst: { share: 1, ms: 300 } });
    expect(await statusOf(url)).toBe(500);
    await until('the burst is over', async () => ((await statusOf(url)) === 200 ? true : undefined), 2000);
  });

  it('refuses an unknown behaviour, and callers that came through a proxy', async () => {
    const { url } = await shop.startHealthyServer();
    expect((await change(url, { failShare: 2 })).status).toBe(400);
    expect((await change(url, { toString: 1 })).status).toBe(400);
    expect(await statusOf(`${url}/admin/behaviour`, { 'x-forwarded-for': '10.0.0.1' })).toBe(403);
  });

  it('never answers users while it hangs', async () => {
    const { url } = await shop.startHealthyServer();
    await change(url, { hang: true });
    await expect(fetch(url, { signal: AbortSignal.timeout(300) })).rejects.toThrow('timeout');
    expect(await statusOf(`${url}/healthz`)).toBe(200);
  });

  it('is slow in more than one of a hundred requests as 4.0.0', async () => {
    const { url } = await shop.startHealthyServer({ SHOP_VERSION: '4.0.0' });
    const durations: number[] = [];
    const ask = async (): Promise<void> => {
      const startedAt = performance.now();
      await statusOf(url);
      durations.push(performance.now() - startedAt);
    };
    // A few at a time: hundreds at once would all be slow on a busy machine.
    for (let round = 0; round < 40; round += 1) await Promise.all(Array.from({ length: 5 }, ask));
    expect(durations.filter((ms) => ms >= 395).length).toBeGreaterThan(2);
    expect(Math.min(...durations)).toBeLessThan(390);
  });

  it('ends at start as 5.0.0', async () => {
    const { ended } = await shop.startServer({ SHOP_VERSION: '5.0.0' });
    expect((await ended).exitCode).toBe(1);
  });

  it('never becomes healthy as 6.0.0', async () => {
    const { url } = await shop.startServer({ SHOP_VERSION: '6.0.0' });
    const answer = await until('it listens', () => fetch(`${url}/healthz`).catch(() => undefined));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ version: '6.0.0' });
  });
});
