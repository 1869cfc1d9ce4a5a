import type { Members } from '../../core/cohorts/members';
import { clause } from '../../core/release/clause';
import { PortError } from '../../ports/errors';
import type { Written } from '../../ports/traffic';
import { bounded } from '../bounded';
import { fileTimeoutMs } from '../whole-file';
import type { createMemberMap } from './haproxy-members';
import { keepStateFile, tryStateFile } from './haproxy-state-file';
import { haproxyTimeoutMs, type HaproxyTarget } from './haproxy-target';
import { settleProxies } from './settle-proxies';

type KeptFile = {
  readonly path: string;
  write(members: Members | undefined): Promise<void>;
  tryToWrite(): Promise<void>;
};

/** One fault names the file, whoever made it: the socket that was asked says nothing of it. */
async function naming(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof PortError) || error.message.includes(path)) throw error;
    throw new PortError(error.code, `${path}: cannot be written; ${error.message}`, { cause: error });
  }
}

/** What HAProxy finds again after a crash or a reload: a state file a proxy, and the map of members. */
export function createHaproxyFiles(target: HaproxyTarget, memberMap: ReturnType<typeof createMemberMap> | undefined) {
  const { cohorts, stateFiles, sockets, timeoutMs = haproxyTimeoutMs } = target;
  const ofStates = (stateFiles ?? []).flatMap((path, index): readonly KeptFile[] => {
    const socket = sockets[index];
    if (socket === undefined) return [];
    const write = (): Promise<void> => keepStateFile(socket, path, timeoutMs);
    return [{ path, write, tryToWrite: () => tryStateFile(socket, path, timeoutMs) }];
  });
  const ofMembers =
    memberMap === undefined || cohorts?.writesFile !== true
      ? []
      : [
          {
            path: cohorts.map,
            write: async (members: Members | undefined) => {
              if (members !== undefined) await memberMap.keepFile(members);
            },
            tryToWrite: () => memberMap.tryFile(),
          },
        ];
  // A disk that hangs must not keep a rollback from going on.
  const files = [...ofStates, ...ofMembers].map((file) =>
    bounded<KeptFile>(file, { target: file.path, timeoutMs: fileTimeoutMs }),
  );
  const each = (work: (file: KeptFile) => Promise<void>): Promise<readonly void[]> =>
    settleProxies(files.map((file) => naming(file.path, work(file))));

  return {
    /** Writes them all; on the way back a file that cannot be written keeps nobody from going, and is told. */
    async keep(isExposing: boolean, members: Members | undefined): Promise<Written> {
      try {
        await each((file) => file.write(members));
        return {};
      } catch (error) {
        if (isExposing || !(error instanceof PortError)) throw error;
        return { unkept: unkeptOf(error) };
      }
    },
    /** Tries them all and leaves each as it is. @throws PortError with path and errno. */
    async try(): Promise<void> {
      await each((file) => file.tryToWrite());
    },
  };
}

const unkeptOf = ({ message }: PortError): string =>
  `${clause(message)}. A HAProxy that is reloaded or crashes now begins with the split of before: mend that, then write the file by hand (docs/how-to/adopt-your-haproxy-and-service.md)`;
