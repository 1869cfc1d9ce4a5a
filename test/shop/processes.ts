import { execFile, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const shopFolder = join(__dirname, '../../examples/shop');

export interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ending>;
}

/** A port nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Polls until the value is there; fails after the deadline. */
export async function until<T>(what: string, read: () => Promise<T | undefined> | T | undefined, deadlineMs = 15_000) {
  const endsAt = Date.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > endsAt) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether the process runs; one that ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

/** The processes and files of one test file; `close` leaves none behind. */
export function createShopProcesses() {
  const folder = mkdtempSync(join(tmpdir(), 'shop-'));
  const running: Running[] = [];

  function start(file: string, environment: NodeJS.ProcessEnv): Running {
    const child = spawn(process.execPath, [join(shopFolder, file)], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<Ending>((resolve) =>
      child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr })),
    );
    running.push({ process: child, ended });
    return { process: child, ended };
  }

  async function startServer(environment: NodeJS.ProcessEnv = {}) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = start('server.js', { PORT: String(port), ...environment });
    return { ...server, url };
  }

  /** A server that answers. */
  async function startHealthyServer(environment: NodeJS.ProcessEnv = {}) {
    const server = await startServer(environment);
    await until('the shop is healthy', async () => {
      const answer = await fetch(`${server.url}/healthz`).catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
    return server;
  }

  /** Runs a deploy command to its end. */
  function slotctl(socket: string, line: string, environment: NodeJS.ProcessEnv = {}): Promise<Ending> {
    const args = [join(shopFolder, 'slotctl.js'), ...line.split(' ')];
    const env = { PATH: process.env['PATH'], SHOP_SUPERVISOR_SOCKET: socket, ...environment };
    return new Promise((resolve) =>
      execFile(process.execPath, args, { env, timeout: 1500 }, (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : ((error.code as number | null | undefined) ?? null), stdout, stderr }),
      ),
    );
  }

  async function startSupervisor(name: string) {
    const socket = join(folder, `${name}.sock`);
    const environment = {
      SHOP_SUPERVISOR_SOCKET: socket,
      SHOP_BLUE_PORT: String(await freePort()),
      SHOP_GREEN_PORT: String(await freePort()),
    };
    const supervisor = start('supervisor.js', environment);
    await until('the supervisor answers', async () =>
      (await slotctl(socket, 'status --slot blue')).exitCode === 0 ? true : undefined,
    );
    return { ...supervisor, socket };
  }

  async function close(): Promise<void> {
    for (const one of running) one.process.kill('SIGTERM');
    await Promise.all(running.map((one) => one.ended));
    rmSync(folder, { recursive: true, force: true });
  }

  return { folder, startServer, startHealthyServer, startSupervisor, slotctl, close };
}
