import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pickFreePort } from './free-port';
import { writeHaproxyConfig, type Slots } from './haproxy-config';
import { createComponent, type Component } from './process';
import { StackError } from './stack-error';
import { findTool } from './tools';
import type { Watchdog } from './watchdog';

export interface Haproxy extends Component {
  /** Where users go. */
  readonly trafficUrl: string;
  /** The runtime API (admin level). */
  readonly socketPath: string;
  /** What it begins with; empty unless somebody keeps it. */
  readonly stateFilePath: string;
  /** The statistics page; `metrics` below it is the Prometheus exporter. */
  readonly statsUrl: string;
  /**
   * A graceful reload. The state file is saved right before it (`saved`, the default), emptied (`lost`), or left to whoever
   * keeps it (`left`), as a plain reload of the service would.
   */
  reload(options?: { readonly state?: 'saved' | 'lost' | 'left' }): Promise<void>;
  /** Stop and start: weights set at run time are lost. */
  restart(): Promise<void>;
}

const reloadTimeoutMs = 10_000;

/** One command over the runtime API; rejects when the socket does not answer. */
export function askHaproxy(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath });
    let answer = '';
    socket.setEncoding('utf8');
    socket.setTimeout(2_000, () => socket.destroy(new StackError(`HAProxy at ${socketPath} does not answer.`)));
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
    socket.end(`${command}\n`);
  });
}

async function readWorkerPid(socketPath: string): Promise<string | undefined> {
  try {
    return /^Pid: (\d+)$/m.exec(await askHaproxy(socketPath, 'show info'))?.[1];
  } catch {
    // Between two workers nobody answers: the caller asks again until its deadline.
    return undefined;
  }
}

/** Over its socket, since a signal that comes while the master still finishes an earlier reload is lost. */
async function askMasterToReload(masterPath: string): Promise<void> {
  const deadline = Date.now() + reloadTimeoutMs;
  for (;;) {
    try {
      await askHaproxy(masterPath, 'reload');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

async function waitForOtherWorker(socketPath: string, previous: string | undefined): Promise<void> {
  const deadline = Date.now() + reloadTimeoutMs;
  for (;;) {
    const pid = await readWorkerPid(socketPath);
    if (pid !== undefined && pid !== previous) return;
    if (Date.now() > deadline)
      throw new StackError(`HAProxy at ${socketPath} did not reload within ${reloadTimeoutMs / 1000} s.`);
    await sleep(20);
  }
}

export interface HaproxyInput {
  readonly watchdog: Watchdog;
  readonly index: number;
  readonly service: string;
  readonly slots: Slots;
}

/** One file for all proxies of a stack, as one target names one map. */
export const cohortMapIn = (runDirectory: string): string => join(runDirectory, 'cohorts.map');

/** One HAProxy with its two slots, not started yet. */
export async function createHaproxy(runDirectory: string, input: HaproxyInput): Promise<Haproxy> {
  const { watchdog, index, service, slots } = input;
  const directory = join(runDirectory, `haproxy-${index}`);
  mkdirSync(directory, { mode: 0o700 });
  const [trafficPort, statsPort] = [await pickFreePort(), await pickFreePort()];
  const socketPath = join(directory, 'admin.sock');
  const stateFilePath = join(directory, 'servers.state');
  const cohortMapPath = cohortMapIn(runDirectory);
  const masterPath = join(directory, 'master.sock');
  const configPath = join(directory, 'haproxy.cfg');
  writeFileSync(stateFilePath, '');
  writeFileSync(cohortMapPath, '');
  writeFileSync(
    configPath,
    writeHaproxyConfig({ service, slots, trafficPort, statsPort, socketPath, stateFilePath, cohortMapPath }),
  );
  const component = createComponent(
    {
      title: `HAProxy ${index}`,
      command: findTool('haproxy'),
      args: ['-W', '-db', '-S', `${masterPath},mode,600,level,admin`, '-f', configPath],
      logPath: join(runDirectory, `haproxy-${index}.log`),
      stopSignal: 'SIGTERM',
      readyTimeoutMs: 10_000,
      isReady: async () => (await readWorkerPid(socketPath)) !== undefined,
    },
    watchdog,
  );
  const reload: Haproxy['reload'] = async ({ state = 'saved' } = {}) => {
    if (component.pid() === undefined) throw new StackError(`HAProxy ${index} is not running, so it cannot reload.`);
    const previous = await readWorkerPid(socketPath);
    const isLeft = state === 'left' || readFileSync(stateFilePath, 'utf8') !== '';
    if (state === 'saved') writeFileSync(stateFilePath, await askHaproxy(socketPath, 'show servers state'));
    if (state === 'lost') writeFileSync(stateFilePath, '');
    await askMasterToReload(masterPath);
    await waitForOtherWorker(socketPath, previous);
    // Left in place it would bring old weights back after a later crash, unless somebody keeps it.
    if (!isLeft) writeFileSync(stateFilePath, '');
  };
  return {
    ...component,
    trafficUrl: `http://127.0.0.1:${trafficPort}`,
    socketPath,
    stateFilePath,
    statsUrl: `http://127.0.0.1:${statsPort}`,
    reload,
    restart: async () => {
      await component.stop();
      await component.start();
    },
  };
}
