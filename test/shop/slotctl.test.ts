import { createShopProcesses, isAlive, until } from './processes';
import type { Ending } from './processes';

const shop = createShopProcesses();
afterAll(() => shop.close());

interface SlotStatus {
  readonly state: string;
  readonly ready: boolean;
  readonly pid: number | null;
  readonly url: string;
  readonly version: string | null;
  readonly detail: string;
}

const statusOf = (ending: Ending) => JSON.parse(ending.stdout) as SlotStatus;

const control = (socket: string) => async (line: string) => {
  const ending = await shop.slotctl(socket, line);
  expect(ending.stderr).toBe('');
  return statusOf(ending);
};

async function deployReady(socket: string, line: string): Promise<SlotStatus> {
  await control(socket)(`deploy ${line}`);
  return until('the slot is ready', async () => {
    const status = await control(socket)(`status ${line}`);
    return status.ready && line.includes(status.version ?? 'none') ? status : undefined;
  });
}

const stateIs = (socket: string, slot: string, state: string) =>
  until(`${slot} is ${state}`, async () => {
    const status = await control(socket)(`status --slot ${slot}`);
    return status.state === state ? status : undefined;
  });

describe('the deploy commands', () => {
  it('deploys once however often it is asked', async () => {
    const { socket } = await shop.startSupervisor('once');
    const line = '--slot green --version 2.0.0 --release r1';
    const first = await deployReady(socket, line);
    expect(first).toMatchObject({ state: 'running', version: '2.0.0' });
    expect(await control(socket)(`deploy ${line}`)).toEqual(first);
    expect((await fetch(first.url)).headers.get('x-slot')).toBe('green');
  });

  it('drains, undeploys and is content to do it again', async () => {
    const { socket } = await shop.startSupervisor('undeploy');
    const { pid } = await deployReady(socket, '--slot blue --version 1.0.0 --release r1');
    expect((await control(socket)('drain --slot blue --release r1')).state).toBe('draining');
    await stateIs(socket, 'blue', 'stopped');
    expect((await control(socket)('drain --slot blue --release r1')).state).toBe('stopped');
    expect(isAlive(pid ?? 0)).toBe(false);
    expect((await control(socket)('undeploy --slot blue --release r1')).state).toBe('absent');
    expect((await control(socket)('undeploy --slot blue --release another')).state).toBe('absent');
  });

  it('puts the next release in place of the one before', async () => {
    const { socket } = await shop.startSupervisor('next');
    const first = await deployReady(socket, '--slot blue --version 1.0.0 --release r1');
    const second = await deployReady(socket, '--slot blue --version 2.0.0 --release r2');
    expect(second.version).toBe('2.0.0');
    expect(isAlive(first.pid ?? 0)).toBe(false);
  });

  it('refuses what another release deployed, and a second version of a release', async () => {
    const { socket } = await shop.startSupervisor('refusals');
    await deployReady(socket, '--slot blue --version 1.0.0 --release r1');
    for (const [line, why] of [
      ['undeploy --slot blue --release r2', 'was deployed by release r1'],
      ['drain --slot blue --release r2', 'was deployed by release r1'],
      ['deploy --slot blue --version 1.0.1 --release r1', 'has already put 1.0.0'],
      ['status --slot red', 'no slot red'],
      ['deploy --slot blue --release r1', '--version is missing'],
      ['explode --slot blue', 'use one of'],
    ] as const) {
      const { exitCode, stdout, stderr } = await shop.slotctl(socket, line);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toContain(why);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    expect((await control(socket)('status --slot blue')).state).toBe('running');
  });

  it('tells a version that ends at start from one that never becomes healthy', async () => {
    const { socket } = await shop.startSupervisor('bad');
    await control(socket)('deploy --slot blue --version 5.0.0 --release r1');
    expect((await stateIs(socket, 'blue', 'failed')).detail).toContain('ends at start');
    await control(socket)('deploy --slot green --version 6.0.0 --release r1');
    const unhealthy = await until('it answers', async () => {
      const status = await control(socket)('status --slot green');
      return status.detail.includes('503') ? status : undefined;
    });
    expect(unhealthy).toMatchObject({ state: 'starting', ready: false });
  });

  it('says so when the supervisor is not there, and fails or hangs when told to', async () => {
    const gone = await shop.slotctl('/nowhere/shop.sock', 'status --slot blue');
    expect(gone.exitCode).toBe(1);
    expect(gone.stderr).toContain('is it running?');
    const exits = await shop.slotctl('/nowhere/shop.sock', 'status --slot blue', { SHOP_SLOTCTL_FAULT: 'exit' });
    expect(exits.stderr).toContain('fault injected');
    const hangs = await shop.slotctl('/nowhere/shop.sock', 'status --slot blue --fault status:hang');
    expect(hangs).toEqual({ exitCode: null, stdout: '', stderr: '' });
  });
});

describe('the supervisor', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves no process behind on %s', async (signal) => {
    const supervisor = await shop.startSupervisor(signal);
    const blue = await deployReady(supervisor.socket, '--slot blue --version 1.0.0 --release r1');
    const green = await deployReady(supervisor.socket, '--slot green --version 2.0.0 --release r2');
    supervisor.process.kill(signal);
    await supervisor.ended;
    for (const { pid } of [blue, green]) {
      await until('the process is gone', () => (isAlive(pid ?? 0) ? undefined : true), 2000);
    }
  });

  it('starts again where a killed one left its socket, but not beside a living one', async () => {
    const first = await shop.startSupervisor('again');
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await shop.startSupervisor('again');
    expect((await control(second.socket)('status --slot blue')).state).toBe('absent');
    const third = await shop.startSupervisor('again');
    expect(await third.ended).toMatchObject({ exitCode: 1 });
    expect((await third.ended).stderr).toContain('another supervisor already answers');
    expect((await control(second.socket)('status --slot blue')).state).toBe('absent');
  });
});
