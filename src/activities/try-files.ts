import type { Plan } from '../core/plan/plan';
import type { Refusal } from '../core/plan/refusal';
import { PortError } from '../ports/errors';
import type { Ports } from './ports';

/**
 * A file that proxies begin with and that cannot be written would stop the release at its first exposure: better said before
 * anything changes.
 * @throws PortError TargetUnavailable where it may pass, such as a full disk.
 */
export async function refuseUnwritableFiles(ports: Ports, { targets }: Plan): Promise<readonly Refusal[]> {
  try {
    await ports.traffic(targets.traffic).tryFiles();
    return [];
  } catch (error) {
    if (!(error instanceof PortError) || error.code === 'TargetUnavailable') throw error;
    return [
      {
        code: 'file-unwritable',
        kind: 'denied',
        message: `${targets.traffic}: a HAProxy that is reloaded would lose the split, for ${error.message}`,
        fix: 'Let the worker replace the file (its directory too), or let it keep none: `stateFiles: none` of the target gives the weights up to a crash, `cohorts.writeFile: false` the members. Then start the release again.',
      },
    ];
  }
}
