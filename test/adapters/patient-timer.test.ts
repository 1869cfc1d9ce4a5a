import { createServer, connect } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/adapters/run-command';
import { startPatientTimer } from '../../src/adapters/patient-timer';

/** Nothing else of the process runs meanwhile, as when a garbage collection or a long computation holds it up. */
const standStill = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('a process that stood still', () => {
  it('sees the answer that came meanwhile before it runs out of time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spillway-timer-'));
    const path = join(folder, 'a.sock');
    const server = createServer((socket) => socket.end('answer'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const first = await new Promise<string>((resolve) => {
      const socket = connect(path, () => {
        const stop = startPatientTimer(50, () => resolve('time is up'));
        socket.on('data', (text) => {
          stop();
          resolve(String(text));
        });
        setImmediate(() => standStill(300));
      });
    });
    expect(first).toBe('answer');
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(folder, { recursive: true });
  });

  it('gets the whole output of a command that ended meanwhile', async () => {
    const running = runCommand({ argv: ['echo', 'running'], environment: process.env, timeoutMs: 200 });
    standStill(600);
    expect(await running).toMatchObject({ kind: 'ended', exitCode: 0, stdout: { text: 'running\n' } });
  });
});
