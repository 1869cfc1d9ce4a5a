import { durationMs } from '../../core/duration';
import { sizeBytes } from '../../core/environment/size';
import type { TargetOf } from '../../core/environment/schema';
import type { BackupCommands, PostgresContractOptions } from './context';

const usualCopy = '10GB';
const usualBackupTimeout = '6h';

/** What a PostgreSQL target says about contracts, without where it is. */
export function contractOptions(
  target: TargetOf<'postgres'>,
  environment: BackupCommands['environment'],
): Omit<PostgresContractOptions, 'dsn' | 'target'> {
  const { backup, testRestore } = target;
  const commands =
    backup === undefined || testRestore === undefined
      ? {}
      : {
          commands: {
            backup,
            testRestore,
            timeoutMs: durationMs(target.backupTimeout ?? usualBackupTimeout),
            environment,
          },
        };
  return {
    schemas: target.schemas,
    lockTimeoutMs: durationMs(target.lockTimeout),
    statementTimeoutMs: durationMs(target.statementTimeout),
    roles: Object.fromEntries(Object.entries(target.roles ?? {}).map(([slot, role]) => [role, slot])),
    maxCopyBytes: sizeBytes(target.maxCopy ?? usualCopy),
    ...commands,
  };
}
