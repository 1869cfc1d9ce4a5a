import { PortError } from '../ports/errors';
import { assertStillWanted } from './fence';
import { keepAlive } from './keep-alive';
import { checkSnapshot, openEffect, type KeptSnapshot } from './permit';
import type { Ports } from './ports';
import type { TrafficInput, UndoInput } from './traffic';

/** The earlier state is in the snapshot, which is signed: a state by itself could be anybody's. */
export type WithdrawLoginInput = UndoInput & { readonly kept: KeptSnapshot };

/** The free login of a credential becomes valid, and goes back to what it was. */
export const createCredentialActivities = (ports: Ports) => ({
  issueLogin: ({ permit, sealed }: TrafficInput): Promise<string> =>
    keepAlive(async () => {
      const { target, login, from } = openEffect(ports, permit, sealed, 'rotate');
      await assertStillWanted(ports, permit);
      const port = ports.credentials(target);
      await port.issue({ login, from, release: permit.seal.firstRunId });
      const state = await port.state(login);
      if (state !== 'open')
        throw new PortError(
          'NotConverged',
          `${target}: login ${login} reads back as ${state}, not as open; it is tried again.`,
        );
      return `${login} logs in`;
    }),

  withdrawLogin: ({ permit, sealed, onlyVerify, kept }: WithdrawLoginInput): Promise<string> =>
    keepAlive(async () => {
      const { target, login, from } = openEffect(ports, permit, sealed, 'rotate');
      checkSnapshot(ports, permit.seal, kept);
      const port = ports.credentials(target);
      const before = kept.snapshot.world.credentials?.[target]?.[login];
      if (before !== 'closed' && before !== 'revoked')
        throw new PortError('Rejected', `${target}: the snapshot does not say what login ${login} was before.`);
      if (!onlyVerify) await port.withdraw({ login, from, release: permit.seal.firstRunId }, before);
      const state = await port.state(login);
      if (state !== before)
        throw new PortError(
          'NotConverged',
          `${target}: login ${login} is ${state}, and was ${before}; what somebody else opened they have to close (alter role "${login}" nologin). It is tried again.`,
        );
      return `${login} is ${before} as before`;
    }),
});
