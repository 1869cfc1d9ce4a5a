import type { Finding } from '../descriptor/issue';
import { parseDuration } from '../duration';
import { outlineSchema } from './outline';

/** Both commands run in one activity, which may take a day at the most. */
const longestHours = 11;

/** A backup counts only when it was restored, and both commands have to come to their end. */
export function checkBackups(value: unknown): readonly Finding[] {
  const { targets } = outlineSchema.parse(value);
  return Object.entries(targets).flatMap(([name, { kind, backup, testRestore, backupTimeout }]) => {
    if (kind !== 'postgres') return [];
    const timeout = typeof backupTimeout === 'string' ? backupTimeout : '';
    const path = ['targets', name];
    const found: Finding[] = [];
    if ((backup === undefined) !== (testRestore === undefined))
      found.push({
        code: 'backup-half',
        path: [...path, backup === undefined ? 'testRestore' : 'backup'],
        message: 'a backup counts only when it was restored from: neither command runs without the other',
        fix: `add \`${backup === undefined ? 'backup' : 'testRestore'}\`, or leave both out for a checked copy in the database`,
      });
    if ((parseDuration(timeout) ?? 0) > longestHours * 3_600_000)
      found.push({
        code: 'backup-timeout-too-long',
        path: [...path, 'backupTimeout'],
        message: `${timeout} is more than contract may wait for one command`,
        fix: `write at most ${longestHours}h, and have the command come back while a longer backup goes on elsewhere`,
      });
    return found;
  });
}
