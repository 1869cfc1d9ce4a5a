import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { askHaproxy } from '../../src/stack/haproxy';
import { startStack, type Stack } from '../../src/stack/start-stack';
import { eventually, remains, tracesOf, type Traces } from './traces';

async function select(dsn: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

async function queryPrometheus(
  url: string,
  query: string,
): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const body = (await response.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return body.data.result;
}

async function weights(socketPath: string): Promise<Record<string, string>> {
  const lines = (await askHaproxy(socketPath, 'show servers state shop')).split('\n').map((line) => line.split(' '));
  const servers = lines.filter((fields) => fields.length > 8).slice(1);
  return Object.fromEntries(servers.map((fields): [string, string] => [fields[3] ?? '', fields[7] ?? '']));
}

async function serve(address: string, text: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(text));
  server.listen(Number(address.split(':')[1]), '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function answersEverywhere(stack: Stack): Promise<void> {
  const connection = await Connection.connect({ address: stack.temporal.address });
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: stack.temporal.namespace });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  await connection.close();
  expect(namespaceInfo?.name).toBe('default');
  expect(Object.keys(customAttributes ?? {})).toEqual(
    expect.arrayContaining([
      'SpillwayService',
      'SpillwayEnvironment',
      'SpillwayPhase',
      'SpillwayStage',
      'SpillwayVerdict',
    ]),
  );
  expect((await fetch(stack.temporal.uiUrl ?? '')).status).toBe(200);
  expect(await select(stack.postgres.dsn(), 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await select(await stack.postgres.createDatabase('a "b"'), 'select current_database() as name')).toEqual([
    { name: 'a "b"' },
  ]);
  for (const { socketPath } of stack.haproxy) {
    expect(await askHaproxy(socketPath, 'show info')).toContain('Name: HAProxy');
    expect(await weights(socketPath)).toEqual({ blue: '100', green: '0' });
  }
  await eventually(() => queryPrometheus(stack.prometheus.url, 'up{job="haproxy"} == 1'), {
    until: (result) => result.length === stack.haproxy.length,
  });
}

describe('the embedded stack', () => {
  it('answers on every part, twice side by side, and leaves no process, port or file', async () => {
    const stacks = await Promise.all([startStack({ haproxyCount: 2 }), startStack({ haproxyCount: 2 })]);
    const traces = stacks.map(tracesOf);
    try {
      await Promise.all(stacks.map(answersEverywhere));
    } finally {
      await Promise.all(stacks.flatMap((stack) => [stack.stop(), stack.stop()]));
    }
    for (const trace of traces) expect(await remains(trace)).toEqual([]);
  });

  it('leaves nothing behind when the process that started it is killed', async () => {
    const child = fork(join(__dirname, 'start-and-wait.js'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    });
    const [traces] = (await once(child, 'message')) as [Traces];
    expect(await remains(traces)).not.toEqual([]);
    child.kill('SIGKILL');
    await eventually(() => remains(traces), { until: (left) => left.length === 0 });
  });

  it('brings every part back on its ports after a kill', async () => {
    const stack = await startStack({ temporal: { storage: 'file', headless: true } });
    try {
      const before = tracesOf(stack);
      await select(stack.postgres.dsn(), 'create table kept (id int)');
      for (const part of [stack.temporal, stack.postgres, stack.prometheus, ...stack.haproxy]) {
        await part.kill();
        expect(part.pid()).toBeUndefined();
        await part.start();
      }
      expect(tracesOf(stack).urls).toEqual(before.urls);
      expect(await select(stack.postgres.dsn(), 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    } finally {
      await stack.stop();
    }
  });

  it('keeps run-time weights over a reload that saves them, and loses them over one that does not, and over a restart', async () => {
    const stack = await startStack({ parts: ['haproxy'] });
    try {
      const [proxy] = stack.haproxy;
      if (proxy === undefined) throw new Error('no proxy');
      const shift =
        'set server shop/green state ready; set server shop/green weight 25; set server shop/blue weight 75';
      const initial = { blue: '100', green: '0' };
      await askHaproxy(proxy.socketPath, shift);
      await proxy.reload();
      expect(await weights(proxy.socketPath)).toEqual({ blue: '75', green: '25' });
      await proxy.reload({ state: 'lost' });
      expect(await weights(proxy.socketPath)).toEqual(initial);
      await askHaproxy(proxy.socketPath, shift);
      await proxy.reload({ state: 'left' });
      expect(await weights(proxy.socketPath)).toEqual(initial);
      await askHaproxy(proxy.socketPath, shift);
      await proxy.restart();
      expect(await weights(proxy.socketPath)).toEqual(initial);
      await askHaproxy(proxy.socketPath, shift);
      await proxy.kill();
      await proxy.start();
      expect(await weights(proxy.socketPath)).toEqual(initial);
    } finally {
      await stack.stop();
    }
  });

  it('sends all traffic to blue until told otherwise, and scrapes the slots by name', async () => {
    const stack = await startStack({ parts: ['haproxy', 'prometheus'] });
    const servers = [await serve(stack.slots.blue, 'blue_up 1\n'), await serve(stack.slots.green, 'green_up 1\n')];
    try {
      const url = stack.haproxy[0]?.trafficUrl ?? '';
      expect(await (await fetch(url)).text()).toBe('blue_up 1\n');
      const up = await eventually(() => queryPrometheus(stack.prometheus.url, 'green_up'), {
        until: (r) => r.length === 1,
      });
      expect(up[0]?.metric).toMatchObject({ service: 'shop', slot: 'green', job: 'service' });
      stack.prometheus.setTargets([{ address: stack.slots.blue, service: 'renamed', slot: 'blue' }]);
      await eventually(() => queryPrometheus(stack.prometheus.url, 'blue_up{service="renamed"}'), {
        until: (r) => r.length === 1,
      });
    } finally {
      for (const server of servers) server.close().closeAllConnections();
      await stack.stop();
    }
  });

  it('says which part was not asked for', async () => {
    const stack = await startStack({ parts: [] });
    expect(() => stack.postgres).toThrow('started without postgres');
    await stack.stop();
  });

  it('stops the other parts and shows the log when one part fails', async () => {
    const failure = startStack({
      parts: ['haproxy', 'prometheus'],
      slots: { blue: 'not an address', green: '127.0.0.1:1' },
    });
    await expect(failure).rejects.toThrow(/HAProxy 0 did not start: it ended with exit code 1[\s\S]*haproxy\.cfg/);
    const message = await failure.then(() => '', String);
    const runDirectory = /\S*spillway-\w+(?=\/haproxy-0\.log)/.exec(message)?.[0] ?? '';
    expect(runDirectory).not.toBe('');
    expect(await remains({ runDirectory, pids: [], urls: [] })).toEqual([]);
  });
});
