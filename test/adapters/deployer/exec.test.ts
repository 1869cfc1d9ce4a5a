import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createExecDeployer, type ExecDeployerOptions } from '../../../src/adapters/deployer/exec';
import { PortError } from '../../../src/ports/errors';
import { failure } from '../../support/failure';
import { temporaryDirectory } from '../../support/temporary-directory';
import { until } from '../../support/until';

const request = { slot: 'green', version: '2.0.0', service: 'shop', release: 'release/prod/shop/run-1' } as const;
const node = (program: string, ...rest: string[]) => [process.execPath, '-e', program, '--', ...rest];
const say = (answer: unknown) =>
  node(`console.log(${JSON.stringify(typeof answer === 'string' ? answer : JSON.stringify(answer))})`);

const deployerWith = (options: Partial<ExecDeployerOptions>) =>
  createExecDeployer({
    deploy: ['true'],
    status: ['true'],
    drain: ['true'],
    undeploy: ['true'],
    urls: { blue: 'http://127.0.0.1:1/', green: 'http://127.0.0.1:2' },
    commandTimeoutMs: 10_000,
    ...options,
  });

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('exec deployer', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.remove());
  const file = (name: string) => join(directory.path, name);

  it('passes each value inside its own argument, past every shell', async () => {
    const write = `require('fs').writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)))`;
    const deploy = node(write, file('argv'), '{slot}', '--to={service}@{version}', '{release}', '{}', '$HOME');
    await deployerWith({ deploy }).deploy({ ...request, version: '2 "$(touch x)"; {slot} `id`' });
    expect(JSON.parse(await readFile(file('argv'), 'utf8'))).toEqual([
      'green',
      '--to=shop@2 "$(touch x)"; {slot} `id`',
      'release/prod/shop/run-1',
      '{}',
      '$HOME',
    ]);
  });

  it.each(['', '--force', 'a\nb', 'a\0b'])('refuses the version %j before it starts anything', async (version) => {
    const deploy = ['touch', file('ran'), '{version}'];
    const error = await failure(deployerWith({ deploy }).deploy({ ...request, version }));
    expect(error.code).toBe('Rejected');
    expect(existsSync(file('ran'))).toBe(false);
  });

  it.each([
    ['deploy', ['run', '{colour}'], /deploy: unknown placeholder \{colour\}.*\{slot\} \{version\}/],
    ['status', ['run', '{version}'], /status: unknown placeholder \{version\}.*\{slot\} \{service\}/],
    ['undeploy', [], /undeploy: it has no program/],
  ])('refuses a wrong template of %s at creation', (verb, argv, message) => {
    expect(() => deployerWith({ [verb]: argv })).toThrow(PortError);
    expect(() => deployerWith({ [verb]: argv })).toThrow(message);
  });

  it('kills the whole process group of a command that does not return in time', async () => {
    const program = `
      const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' });
      require('fs').writeFileSync(process.argv[1], process.pid + ' ' + child.pid);
      setInterval(() => 0, 1000);`;
    const error = await failure(
      deployerWith({ deploy: node(program, file('pids')), commandTimeoutMs: 2_000 }).deploy(request),
    );
    expect(error.code).toBe('TargetUnavailable');
    expect(error.message).toContain('did not return within 2 s; it must return at once and report by status');
    const pids = (await readFile(file('pids'), 'utf8')).split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await until('both processes are gone', () => !pids.some(isAlive));
  });

  it('does not wait for a background process that holds the output open', async () => {
    const program = `
      const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit', detached: true });
      require('fs').writeFileSync(process.argv[1], String(child.pid));
      child.unref();`;
    await deployerWith({ deploy: node(program, file('pid')) }).deploy(request);
    const pid = Number(await readFile(file('pid'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('quotes the last 500 characters of stderr of a failing command, without secrets', async () => {
    const program = `console.error('early '.repeat(200) + process.env.API_TOKEN + ' and s3cr3t-store: no such image'); process.exit(4)`;
    const environment = { ...process.env, API_TOKEN: 'tok-12345678' };
    const error = await failure(
      deployerWith({ drain: node(program), environment, secrets: ['s3cr3t-store'] }).drain(request),
    );
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(/^command drain .* ended with exit code 4: /);
    expect(error.message).toMatch(/\[secret\] and \[secret\]: no such image$/);
    expect(error.message).not.toMatch(/12345678|s3cr3t/);
    expect(error.message.length).toBeLessThan(650);
  });

  it('tells a missing program from a killed one', async () => {
    const missing = await failure(deployerWith({ deploy: ['/no/such/program'] }).deploy(request));
    expect([missing.code, missing.message]).toEqual(['Rejected', expect.stringContaining('ENOENT')]);
    const killed = await failure(
      deployerWith({ deploy: node(`process.kill(process.pid, 'SIGKILL')`) }).deploy(request),
    );
    expect([killed.code, killed.message]).toEqual(['TargetUnavailable', expect.stringContaining('SIGKILL')]);
    const misplaced = await failure(deployerWith({ directory: file('nowhere') }).deploy(request));
    expect([misplaced.code, misplaced.message]).toEqual(['Rejected', expect.stringContaining('ENOENT')]);
  });

  const good = { slot: 'green', version: '2.0.0', release: 'r', state: 'running', ready: true };

  it('reads status, with null for what is not there and further keys ignored', async () => {
    const absent = {
      slot: 'green',
      version: null,
      release: null,
      state: 'absent',
      ready: false,
      detail: '',
      pid: null,
    };
    expect(await deployerWith({ status: say(absent) }).status('green', 'shop')).toEqual({
      slot: 'green',
      state: 'absent',
      isReady: false,
    });
    expect(await deployerWith({ status: say({ ...good, detail: 'warm' }) }).status('green', 'shop')).toEqual({
      slot: 'green',
      version: '2.0.0',
      release: 'r',
      state: 'running',
      isReady: true,
      detail: 'warm',
    });
  });

  it('reads the capacity that a platform says, and takes none that is no share', async () => {
    const half = await deployerWith({ status: say({ ...good, capacityPercent: 50 }) }).status('green', 'shop');
    expect(half.capacityPercent).toBe(50);
    const wrong = deployerWith({ status: say({ ...good, capacityPercent: 150 }) });
    expect((await failure(wrong.status('green', 'shop'))).message).toContain('capacityPercent');
    const negative = deployerWith({ status: say({ ...good, capacityRps: -1 }) });
    expect((await failure(negative.status('green', 'shop'))).message).toContain('capacityRps');
  });

  it.each(['starting', 'draining', 'stopped', 'failed'])('never calls a slot ready that is %s', async (state) => {
    expect((await deployerWith({ status: say({ ...good, state }) }).status('green', 'shop')).isReady).toBe(false);
  });

  it.each([
    ['text', 'all is well', /not JSON: all is well/],
    ['nothing', '', /not JSON: \(nothing\)/],
    ['two lines', `${JSON.stringify(good)}\n${JSON.stringify(good)}`, /not JSON/],
    ['a list', [good], /not understood/],
    ['another slot', { ...good, slot: 'blue' }, /about slot blue/],
    ['a readiness that is text', { ...good, ready: 'true' }, /\(ready: /],
    ['no readiness', { slot: 'green', state: 'running' }, /\(ready: /],
    ['an unknown state', { ...good, state: 'ok' }, /\(state: /],
    ['a version that is a number', { ...good, version: 2 }, /\(version: /],
    ['a long line', 'x'.repeat(5_000), /not JSON: x{200};/],
    ['more than 64 kB', { ...good, detail: 'x'.repeat(70_000) }, /longer than 64 kB/],
  ])('refuses %s as a status', async (_, answer, message) => {
    const error = await failure(deployerWith({ status: say(answer) }).status('green', 'shop'));
    expect(error.code).toBe('Rejected');
    expect(error.message).toMatch(message);
  });

  it('survives a command that prints much more than is kept', async () => {
    const program = `process.stdout.write('x'.repeat(3e6), () => process.stderr.write('y'.repeat(3e6)))`;
    await deployerWith({ undeploy: node(program) }).undeploy(request);
  });

  it('gives URLs that a path can follow', () => {
    expect(deployerWith({}).slotUrl('blue')).toBe('http://127.0.0.1:1');
  });
});
