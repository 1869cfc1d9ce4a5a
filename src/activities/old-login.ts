import { reportLoginUse } from '../core/contract/login-use';
import type { Dependent, QuietReport } from '../core/contract/quiet';
import type { LoginState } from '../ports/credentials';
import { PortError } from '../ports/errors';
import { openEffect } from './permit';
import type { Ports } from './ports';
import type { TrafficInput } from './traffic';

const taken = (login: string): string => `${login} is no longer what this release left: it stays as it is`;

/** The steps of a contract where what goes is a login: closed first, which can be taken back, then revoked. */
export function openOldLogin(ports: Ports, { permit, sealed }: TrafficInput) {
  const { target, login, named } = openEffect(ports, permit, sealed, 'revoke');
  const release = permit.seal.firstRunId;
  const port = ports.credentials(target);
  // A later release may have made it valid again: then it is in use, and not ours to take away.
  const isOurs = async (): Promise<boolean> => {
    const mark = await port.mark(login);
    return mark?.release === release && (mark.part === 'old' || mark.part === 'revoked');
  };
  const readBack = async (wanted: readonly LoginState[], said: string): Promise<string> => {
    const state = await port.state(login);
    if (wanted.includes(state)) return said;
    throw new PortError('NotConverged', `${target}: login ${login} is ${state}; it is tried again.`);
  };
  const namedBy = async (): Promise<readonly Dependent[]> => {
    const split = await ports.traffic(named.traffic).readSplit();
    const serving = (['blue', 'green'] as const).filter((slot) => split[slot].state !== 'maint');
    const found = await Promise.all(
      serving.map(async (slot) => {
        const values = await ports.configuration(named.configuration).read(slot, [named.setting]);
        return values.get(named.setting) === login
          ? [{ kind: 'configuration', name: `${named.configuration} of ${slot}, which serves` }]
          : [];
      }),
    );
    return found.flat();
  };
  const refuseNamed = async (): Promise<void> => {
    const names = (await namedBy()).map(({ name }) => name);
    if (names.length === 0) return;
    throw new PortError(
      'Rejected',
      `${target}: login ${login} is named by ${names.join(' and ')}; let it name the other one.`,
    );
  };
  return {
    look: async (before?: QuietReport): Promise<QuietReport> => {
      const state = (await isOurs()) ? await port.state(login) : 'taken';
      return reportLoginUse({ login, target, state, namedBy: await namedBy() }, await port.use(login), before);
    },
    close: async (): Promise<string> => {
      if (!(await isOurs())) return taken(login);
      await refuseNamed();
      await port.close(login, release);
      return readBack(['closed', 'revoked'], `${login} no longer logs in; sessions that are open go on`);
    },
    reopen: async (): Promise<string> => {
      if (!(await isOurs())) return taken(login);
      if ((await port.state(login)) === 'revoked') return `${login} was revoked before that and stays so`;
      await port.reopen(login, release);
      return readBack(['open'], `${login} logs in again`);
    },
    revoke: async (): Promise<string> => {
      if (!(await isOurs())) return taken(login);
      await refuseNamed();
      await port.revoke(login, release);
      return readBack(['revoked'], `${login} is revoked: it has no password and no session`);
    },
  };
}

export const isOldLogin = ({ sealed }: TrafficInput): boolean => sealed.effect.kind === 'revoke';
