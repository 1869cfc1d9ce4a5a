import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory';
import { outcomeOf, runCommand } from './command';

jest.setTimeout(180_000);

/** The variables of a file of `export NAME='value'` lines. */
function variablesOf(path: string): NodeJS.ProcessEnv {
  const lines = readFileSync(path, 'utf8').match(/^export .*$/gm) ?? [];
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = line, value = ''] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
      return [name, value];
    }),
  );
}

/** The process that was told to listen on this port. */
function pidListening(port: string): number {
  const found = readdirSync('/proc').find(
    (name) => /^\d+$/.test(name) && commandLineOf(name).includes(`--web.listen-address=127.0.0.1:${port}`),
  );
  return Number(found);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    // It has ended since the folder was listed.
    return '';
  }
}

describe('spillway dev', () => {
  test('runs a release started from another process, and SIGINT leaves nothing', async () => {
    // Settings of somebody's own Temporal that the embedded one must not be mixed with.
    const own = { TEMPORAL_API_KEY: 'nonsense', TEMPORAL_PROFILE: 'mine', TEMPORAL_ADDRESS: 'example.invalid:1' };
    const dev = runCommand(['dev', '--load', '300'], own);
    try {
      await dev.says('npx spillway explain shop');
      const exportsFile = /eval "\$\(cat (\S+)\)"/.exec(dev.output())?.[1] ?? '';
      const descriptor = /npx spillway start (\S+release-2\.0\.0\.yaml)/.exec(dev.output())?.[1] ?? '';
      const env = variablesOf(exportsFile);
      expect(await outcomeOf(['lint', descriptor])).toMatchObject({ code: 0 });
      const release = await outcomeOf(['start', descriptor, '--watch', '--until', 'approval'], env);
      expect({ code: release.code, output: release.output }).toMatchObject({ code: 5 });
      expect(release.output).toContain(
        `${env['SPILLWAY_UI_URL']}/namespaces/default/workflows/release%2Flocal%2Fshop/`,
      );
    } finally {
      dev.child.kill('SIGINT');
    }
    expect(await dev.exit()).toBe(0);
    expect(dev.output()).toMatch(/Nothing is left of it\.\n$/);
    expect(await dev.left()).toEqual([]);
    await dev.remove();
  });

  test('says when a part ends by itself, and keeps descriptors where it is told', async () => {
    const kept = await temporaryDirectory();
    const dev = runCommand(['dev', '--load', '0', '--directory', join(kept.path, 'mine')]);
    try {
      await dev.says('npx spillway explain shop');
      expect(dev.output()).toContain('nobody uses it: a release waits for requests');
      const port = /Prometheus +http:\/\/127\.0\.0\.1:(\d+)/.exec(dev.output())?.[1] ?? '';
      process.kill(pidListening(port), 'SIGKILL');
      await dev.says(/Prometheus has ended by itself; its log is \S+prometheus\.log/);
    } finally {
      dev.child.kill('SIGINT');
      await dev.exit();
    }
    expect(await dev.left()).toEqual([]);
    expect(existsSync(join(kept.path, 'mine', 'release-2.0.0.yaml'))).toBe(true);
    expect(existsSync(join(kept.path, 'mine', 'db', '003-add-note.expand.sql'))).toBe(true);
    await dev.remove();
    await kept.remove();
  });

  test('is taken down when the reader of its output goes away', async () => {
    const dev = runCommand(['dev', '--load', '0']);
    await dev.says(/^Starting /);
    dev.child.stdout?.destroy();
    expect(await dev.exit()).toBe(0);
    expect(dev.output()).toMatch(/Stopping: everything is taken down …\nNothing is left of it\.\n$/);
    expect(await dev.left()).toEqual([]);
    await dev.remove();
  });

  test.each(['-1', '1.5', 'many', '3000'])('refuses a load of %s', async (load) => {
    const { code, output } = await outcomeOf(['dev', '--load', load]);
    expect(code).toBe(1);
    expect(output).toContain('say a whole number from 0 to 2000');
  });
});
