import type { Members } from '../../core/cohorts/members';
import { isAnyRaised, isSameMembers } from '../../core/cohorts/members';
import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import { tryReplace } from '../try-replace';
import { replaceWhole, resolveLinks } from '../whole-file';
import { askHaproxy } from './haproxy-socket';
import { firstLine } from './haproxy-target';
import { settleProxies } from './settle-proxies';

export type MemberMapOptions = {
  /** Path of the map, as HAProxy's configuration names it. */
  readonly map: string;
  /** Whether this process writes the file too: HAProxy reads it again when it is reloaded. */
  readonly writesFile: boolean;
};

/** Fits into HAProxy's buffer with all that stands around it. */
const mostCommandCharacters = 8_000;

/** Hundredths of a percent that green gets: of 10,000 places of users those below it. */
const encode = (members: Members): readonly (readonly [string, number])[] =>
  Object.entries(members)
    .map(([member, { green }]) => [member, Math.round(green * 100)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));

const toText = (members: Members): string =>
  encode(members)
    .map((row) => `${row.join(' ')}\n`)
    .join('');

/** Only what may stand in a command of HAProxy's socket, whoever asks for it. */
const memberName = /^[a-z0-9-]+\/[A-Za-z0-9][\w.:@-]*$/;

function checkMembers(members: Members): void {
  const odd = Object.keys(members).find((member) => !memberName.test(member));
  if (odd !== undefined)
    throw new PortError(
      'Rejected',
      `${JSON.stringify(odd.slice(0, 100))} is no member, such as tenant/acme. Nothing was changed.`,
    );
}

/** A row of somebody else's is read as HAProxy takes it, so that it is seen as different and written over. */
function parseRow(line: string): readonly [string, number] {
  const [, member = '', value = ''] = line.trim().split(/\s+/);
  const limit = Number(value);
  return [member, Number.isFinite(limit) ? Math.min(10_000, Math.max(0, limit)) : 0];
}

/** Where HAProxy has no such map nobody can be a member by it. */
const hasNoMap = (answer: string): boolean => /^Unknown map/m.test(answer);

/** The map of members in every HAProxy of a target. */
export function createMemberMap(sockets: readonly string[], { map }: Pick<MemberMapOptions, 'map'>, timeoutMs: number) {
  const ask = (socket: string, command: string) => askHaproxy({ socket, command, timeoutMs });
  const refused = (socket: string, said: string): PortError =>
    new PortError(
      'Rejected',
      `HAProxy at ${socket} refuses map ${map}: "${firstLine(said)}". Its configuration has to use this very file as a map (cohorts.map of the environment file), and the socket needs "level admin".`,
    );

  async function readOne(socket: string): Promise<Members> {
    const answer = await ask(socket, `show map ${map}`);
    if (hasNoMap(answer)) return {};
    const lines = answer.split('\n').filter((line) => line.trim() !== '');
    return Object.fromEntries(
      lines.map((line) => {
        if (!line.startsWith('0x')) throw refused(socket, line);
        const [member, value] = parseRow(line);
        const green = value / 100;
        return [member, { blue: 100 - green, green }];
      }),
    );
  }

  async function tell(socket: string, commands: string): Promise<void> {
    const said = await ask(socket, commands);
    if (said.trim() !== '') throw refused(socket, said);
  }

  /** All at once: a request sees the members of before or those of now. */
  async function writeOne(socket: string, members: Members, falling: Slot | undefined): Promise<void> {
    const found = await readOne(socket);
    if (isSameMembers(found, members)) return;
    if (falling !== undefined && isAnyRaised(found, members, falling))
      throw new PortError(
        'NotConverged',
        `HAProxy at ${socket} shows a member of map ${map} with less on ${falling} than what was to be written: somebody lowered it meanwhile, and nothing was changed.`,
      );
    const prepared = await ask(socket, `prepare map ${map}`);
    const version = /^New version created: (\d+)$/m.exec(prepared)?.[1];
    if (version === undefined) throw refused(socket, prepared);
    let line = '';
    for (const [member, value] of encode(members)) {
      const command = `add map @${version} ${map} ${member} ${value}`;
      if (line.length + command.length > mostCommandCharacters) {
        await tell(socket, line);
        line = '';
      }
      line = line === '' ? command : `${line};${command}`;
    }
    const commit = `commit map @${version} ${map}`;
    await tell(socket, line === '' ? commit : `${line};${commit}`);
    if (isSameMembers(await readOne(socket), members)) return;
    throw new PortError(
      'NotConverged',
      `HAProxy at ${socket} shows other members in map ${map} right after they were written. Look for another writer.`,
    );
  }

  return {
    /** One answer a proxy. @throws PortError Rejected for a map that is not there or holds something else. */
    read: (): Promise<readonly Members[]> => settleProxies(sockets.map(readOne)),
    async write(members: Members, falling?: Slot): Promise<void> {
      checkMembers(members);
      await settleProxies(sockets.map((socket) => writeOne(socket, members, falling)));
    },
    /** Writes the file that a reload begins with. @throws PortError with path and errno. */
    keepFile: async (members: Members): Promise<void> => {
      await replaceWhole(await resolveLinks(map), { bytes: Buffer.from(toText(members)) });
    },
    /** The same up to the last step: the file stays as it is. @throws as `keepFile`. */
    tryFile: (): Promise<void> => tryReplace(map, Buffer.from(toText({}))),
  };
}
