import type { KeptSnapshot } from '../activities/permit';
import type { Run } from './run';

/** What the release found before it began, with the signature of the worker that took it. */
export function keptOf(run: Run): KeptSnapshot {
  const { snapshot, rolesMac, keptMac } = run.state();
  if (snapshot === undefined || rolesMac === undefined || keptMac === undefined)
    throw new Error('no snapshot to go back to');
  return { snapshot, rolesMac, keptMac };
}
