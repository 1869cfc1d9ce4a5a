import type { RestorePoint } from '../../core/contract/restore-point';
import { PortError } from '../../ports/errors';
import { fillArgv } from '../deployer/argv';
import { runCommand } from '../run-command';
import type { BackupCommands } from './context';

const mostName = 200;

/** Has the environment's own commands back up the whole database and restore it elsewhere: only a restore proves a backup. */
export async function backUp(
  { backup, testRestore, timeoutMs, environment }: BackupCommands,
  { target, release, service }: { readonly target: string; readonly release: string; readonly service: string },
): Promise<RestorePoint> {
  const startedMs = Date.now();
  const run = async (verb: 'backup' | 'testRestore', argv: readonly string[], values: { [name: string]: string }) => {
    const result = await runCommand({ argv: fillArgv(verb, argv, values), environment, timeoutMs });
    if (result.kind === 'ended' && result.exitCode === 0) return result.stdout.text.trim().split('\n').at(-1) ?? '';
    const why =
      result.kind === 'ended'
        ? `it ended with ${result.exitCode}`
        : result.kind === 'timed-out'
          ? `it did not end within ${timeoutMs / 1000} s (backupTimeout)`
          : result.kind === 'killed'
            ? `it was killed by ${result.signal}`
            : `it could not be started (${result.code})`;
    throw new PortError(
      'Rejected',
      `restore point of ${target}: command ${verb}: ${why}; run it by hand, mend it, then retry`,
    );
  };
  const name = (await run('backup', backup, { release, service })).slice(0, mostName);
  if (name === '')
    throw new PortError(
      'Rejected',
      `restore point of ${target}: command backup printed no name of the backup; print it as the last line of its output`,
    );
  await run('testRestore', testRestore, { release, service, backup: name });
  return {
    kind: 'backup',
    name,
    of: target,
    takenAt: new Date(startedMs).toISOString(),
    tookMs: Date.now() - startedMs,
  };
}
