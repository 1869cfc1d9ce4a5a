import { PortError } from '../../ports/errors';
import { tryReplace } from '../try-replace';
import { createTurns } from '../turns';
import { replaceWhole, resolveLinks } from '../whole-file';
import { askHaproxy } from './haproxy-socket';

const turnsOf = new Map<string, ReturnType<typeof createTurns>>();

/** Several targets may stand behind one HAProxy: whoever asks later writes later. */
function turnOf(file: string): ReturnType<typeof createTurns> {
  const turns = turnsOf.get(file) ?? createTurns();
  turnsOf.set(file, turns);
  return turns;
}

async function readState(socket: string, file: string, timeoutMs: number): Promise<Buffer> {
  const state = await askHaproxy({ socket, command: 'show servers state', timeoutMs });
  if (/^\d+\n# be_id /.test(state)) return Buffer.from(state);
  throw new PortError('Rejected', `HAProxy at ${socket} shows no state of its servers, so ${file} was left as it is.`);
}

/**
 * Writes what one HAProxy shows into the file that it begins with, so that one that crashes comes back with its weights.
 * @throws PortError TargetUnavailable, or what the file system says with path and errno.
 */
export const keepStateFile = (socket: string, file: string, timeoutMs: number): Promise<void> =>
  turnOf(file)(async () => {
    const bytes = await readState(socket, file, timeoutMs);
    await replaceWhole(await resolveLinks(file), { bytes });
  });

/** The same up to the last step: the file stays as it is. @throws as `keepStateFile`. */
export const tryStateFile = async (socket: string, file: string, timeoutMs: number): Promise<void> =>
  tryReplace(file, await readState(socket, file, timeoutMs));
