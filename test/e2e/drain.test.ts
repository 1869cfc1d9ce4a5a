import { setTimeout as sleep } from 'node:timers/promises';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy';
import { failureOf } from '../support/failure-of';
import { startHaproxy } from '../support/haproxy';
import { said } from '../support/messages';
import { signals, startRig, startTemporal } from '../support/release-rig';
import { endless } from '../support/shop-release';
import { send, startSlotServer } from '../support/slot-servers';
import { until } from '../support/until';

jest.setTimeout(180_000);

type Seen = { readonly isPinned: boolean; readonly slot: string; readonly status: number; readonly sentAtMs: number };

/** New users all the time, and one whose session stays where it began. */
function startUsers(front: string) {
  const seen: Seen[] = [];
  let cookie: string | undefined;
  let isOver = false;
  const visit = async (isPinned: boolean): Promise<void> => {
    const sentAtMs = performance.now();
    const headers = isPinned && cookie !== undefined ? { cookie } : {};
    const { status, body, headers: answered } = await send({ front, headers });
    seen.push({ isPinned: isPinned && cookie !== undefined, slot: body, status, sentAtMs });
    if (body === 'green') cookie ??= answered['set-cookie']?.[0]?.split(';')[0];
  };
  const walk = async (isPinned: boolean): Promise<void> => {
    while (!isOver) {
      await visit(isPinned);
      await sleep(10);
    }
  };
  const walks = [walk(false), walk(false), walk(true)];
  return {
    seen,
    isPinned: () => cookie !== undefined,
    async end() {
      isOver = true;
      await Promise.all(walks);
    },
  };
}

test('a drain at a real proxy: sessions stay until their time is out, nobody new comes, and no request fails', async () => {
  const [blue, green, temporal] = await Promise.all([
    startSlotServer('blue'),
    startSlotServer('green'),
    startTemporal(),
  ]);
  const haproxy = await startHaproxy({
    slots: { blue: blue.address, green: green.address },
    backendLines: ['cookie SLOT insert indirect nocache dynamic', 'dynamic-cookie-key sessions'],
  });
  const servers = { blue: 'blue', green: 'green' };
  const port = createHaproxyTraffic({ backend: haproxy.backend, sockets: haproxy.sockets, servers });
  const rig = await startRig(temporal.connection, undefined, { traffic: () => port });
  const users = startUsers(haproxy.fronts[0] ?? '');
  try {
    const drain = { every: '300ms', sessions: '3s' };
    const started = await rig.start({ ...endless, rollback: { onAbort: 'drain', backInBand: '200ms', drain } });
    await until('somebody is on the canary for good', users.isPinned, 60_000);
    await started.handle.signal(signals.abort, said('dee'));
    let drainedAtMs = 0;
    await until(
      'nobody new comes to the canary',
      async () => {
        if ((await port.readSplit()).green.state !== 'drain') return false;
        drainedAtMs = performance.now();
        return true;
      },
      60_000,
    );
    const { report } = await failureOf(started.handle.result());
    const closedAtMs = performance.now();
    await sleep(200);
    await users.end();

    expect(report.proof?.isRestored).toBe(true);
    expect((await port.readSplit()).green).toEqual({ weight: 0, state: 'maint' });
    const after = users.seen.filter(({ sentAtMs }) => sentAtMs > drainedAtMs);
    expect(after.filter(({ isPinned, slot }) => !isPinned && slot === 'green')).toEqual([]);
    expect(after.filter(({ isPinned, slot }) => isPinned && slot === 'green').length).toBeGreaterThan(10);
    expect(users.seen.filter(({ sentAtMs, slot }) => sentAtMs > closedAtMs && slot !== 'blue')).toEqual([]);
    expect(users.seen.filter(({ status }) => status !== 200)).toEqual([]);
  } finally {
    await users.end();
    await rig.stop();
    await haproxy.close();
    await Promise.all([blue.close(), green.close(), temporal.close()]);
  }
});
