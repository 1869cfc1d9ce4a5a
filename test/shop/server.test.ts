import { rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { createShopProcesses, until } from './processes';

const shop = createShopProcesses();
afterAll(() => shop.close());

const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) });

describe('the shop server', () => {
  it('answers with its version and slot in every answer', async () => {
    const { url } = await shop.startHealthyServer({ SHOP_VERSION: '1.2.3', SHOP_SLOT: 'green' });
    for (const path of ['/', '/healthz', '/metrics', '/orders/1', '/orders/999999', '/nowhere']) {
      const answer = await fetch(url + path);
      expect([path, answer.headers.get('x-version'), answer.headers.get('x-slot')]).toEqual([path, '1.2.3', 'green']);
    }
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok', version: '1.2.3', slot: 'green' });
  });

  it('says what it rejects of its configuration, and goes by what is right', async () => {
    const configFile = join(shop.folder, 'rejected.json');
    writeFileSync(configFile, '{"maxTotalCents":"many"}');
    const { url } = await shop.startServer({ SHOP_CONFIG_FILE: configFile });
    const health = async () => {
      const answer = await fetch(`${url}/healthz`).catch(() => undefined);
      const { error } = ((await answer?.json()) ?? {}) as { error?: string };
      return { status: answer?.status, error };
    };
    const reaches = (status: number) =>
      until(`it answers ${status}`, async () => ((await health()).status === status ? true : undefined));
    await reaches(503);
    expect((await health()).error).toBe('maxTotalCents is no whole number above 0');
    writeFileSync(configFile, '{"maxTotalCents":500}');
    await reaches(200);
    expect((await post(`${url}/orders`, { customerName: 'Ada Lovelace', totalCents: 501 })).status).toBe(422);
    expect((await post(`${url}/orders`, { customerName: 'Ada Lovelace', totalCents: 500 })).status).toBe(201);
  });

  it('takes an order, gives it back and counts it', async () => {
    const { url } = await shop.startHealthyServer();
    const taken = await post(`${url}/orders`, { customerName: 'Ada Lovelace', totalCents: 4200 });
    expect(taken.status).toBe(201);
    const order = (await taken.json()) as { id: number };
    expect(await (await fetch(`${url}/orders/${order.id}`)).json()).toEqual(order);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('http_requests_total{code="200",method="GET",route="/orders/:id"} 1');
    expect(text).toContain('http_requests_total{code="201",method="POST",route="/orders"} 1');
    expect(text).toContain('http_request_duration_seconds_bucket{le="2.5"} 2');
    expect(text).toContain('orders_total 1');
    expect(text).not.toContain('process_cpu');
  });

  it.each([{}, { customerName: 'A B' }, { customerName: '', totalCents: 1 }, { customerName: 'A', totalCents: -1 }, 7])(
    'refuses %j as an order',
    async (body) => {
      const { url } = await shop.startHealthyServer();
      expect((await post(`${url}/orders`, body)).status).toBe(400);
    },
  );

  it('follows its configuration and its flags file, and takes an absent one for empty', async () => {
    const configFile = join(shop.folder, 'config.json');
    const flagsFile = join(shop.folder, 'flags.json');
    const { url } = await shop.startHealthyServer({ SHOP_CONFIG_FILE: configFile, SHOP_FLAGS_FILE: flagsFile });
    const shows = (config: object, flags: object) =>
      until(`${JSON.stringify({ config, flags })} is in force`, async () => {
        const found = (await (await fetch(url)).json()) as { config: unknown; flags: unknown };
        const wanted = JSON.stringify({ config, flags });
        return JSON.stringify({ config: found.config, flags: found.flags }) === wanted ? true : undefined;
      });
    await shows({}, {});
    writeFileSync(configFile, '{"greeting":"welcome"}');
    writeFileSync(flagsFile, '{"newCheckout":true}');
    await shows({ greeting: 'welcome' }, { newCheckout: true });
    writeFileSync(flagsFile, '{"newCheckout":');
    rmSync(configFile);
    await shows({}, { newCheckout: true });
  });

  it('does not start with a configuration that is no JSON', async () => {
    const configFile = join(shop.folder, 'broken.json');
    writeFileSync(configFile, '{"greeting":');
    const { ended } = await shop.startServer({ SHOP_CONFIG_FILE: configFile });
    expect((await ended).exitCode).toBe(1);
  });

  it('finishes what is in flight on SIGTERM and ends within two seconds', async () => {
    const server = await shop.startHealthyServer();
    await post(`${server.url}/admin/behaviour`, { slowMs: 500, slowShare: 1 });
    const agent = new Agent({ keepAlive: true });
    const idle = new Promise((resolve) =>
      get(`${server.url}/healthz`, { agent }, (answer) => answer.resume().on('end', resolve)),
    );
    await idle;
    const inFlight = fetch(server.url);
    await until('the request has arrived', async () => {
      const report = (await (await fetch(`${server.url}/admin/behaviour`)).json()) as { requests: number };
      return report.requests === 1 ? true : undefined;
    });
    const stoppedAt = Date.now();
    server.process.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    expect((await server.ended).exitCode).toBe(0);
    expect(Date.now() - stoppedAt).toBeLessThan(2000);
    agent.destroy();
  });

  it('says why when its port is taken', async () => {
    const first = await shop.startHealthyServer();
    const second = await shop.startServer({ PORT: new URL(first.url).port });
    const { exitCode, stderr } = await second.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('EADDRINUSE');
  });
});
