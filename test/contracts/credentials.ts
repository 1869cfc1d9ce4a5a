import type { CredentialsPort } from '../../src/ports/credentials';

export type CredentialsWorld = {
  readonly credentials: CredentialsPort;
  /** Logs in by the login with a password, stays, and runs a statement; rejects where the server refuses. */
  logIn(login: string, password: string): Promise<{ close(): Promise<void> }>;
  /** What stands behind the reference of its password from now on. */
  setPassword(login: string, password: string): void;
  close(): Promise<void>;
};

/** What every kind of credential keeps to: login `shop_a` is in use with password `first`, `shop_b` is free. */
export function credentialsContract(name: string, open: () => Promise<CredentialsWorld>): void {
  describe(`credentials ${name}`, () => {
    let world: CredentialsWorld;
    let port: CredentialsPort;
    beforeEach(async () => {
      world = await open();
      port = world.credentials;
      world.setPassword('shop_a', 'first');
      world.setPassword('shop_b', 'second');
    });
    afterEach(() => world.close());

    const handover = { login: 'shop_b', from: 'shop_a', release: 'r1' };
    const use = async (login: string, password: string): Promise<void> => {
      await (await world.logIn(login, password)).close();
    };

    it('says which login is open', async () => {
      expect([await port.state('shop_a'), await port.state('shop_b')]).toEqual(['open', 'closed']);
    });

    it('lets the new login in beside the old one, again and again', async () => {
      await expect(use('shop_b', 'second')).rejects.toThrow();
      await port.issue(handover);
      await port.issue(handover);
      await use('shop_b', 'second');
      await use('shop_a', 'first');
      expect(await port.state('shop_b')).toBe('open');
    });

    it('issues the password that stands behind the reference then', async () => {
      await port.issue(handover);
      await port.withdraw(handover, 'closed');
      world.setPassword('shop_b', "it's \\ a 'third' one");
      await port.issue({ ...handover, release: 'r2' });
      await use('shop_b', "it's \\ a 'third' one");
      await expect(use('shop_b', 'second')).rejects.toThrow();
    });

    it.each(['closed', 'revoked'] as const)('takes a login back to %s, with its sessions', async (before) => {
      await port.issue(handover);
      const sessions = [];
      for (let count = 0; count < 20; count += 1) sessions.push(await world.logIn('shop_b', 'second'));
      await port.withdraw(handover, before);
      await port.withdraw(handover, before);
      expect(await port.state('shop_b')).toBe(before);
      expect((await port.use('shop_b')).sessions).toEqual([]);
      await expect(use('shop_b', 'second')).rejects.toThrow();
      for (const session of sessions) await session.close();
    });

    it('closes the login that is left for new sessions, leaves open ones, and opens it again with its password', async () => {
      await port.issue(handover);
      const session = await world.logIn('shop_a', 'first');
      await port.close('shop_a', 'r1');
      await port.close('shop_a', 'r1');
      expect(await port.state('shop_a')).toBe('closed');
      expect((await port.use('shop_a')).sessions).toHaveLength(1);
      await expect(use('shop_a', 'first')).rejects.toThrow();
      await port.reopen('shop_a', 'r1');
      await use('shop_a', 'first');
      await session.close();
    });

    it('revokes the login that is left, with its sessions, for good', async () => {
      await port.issue(handover);
      const session = await world.logIn('shop_a', 'first');
      await port.revoke('shop_a', 'r1');
      await port.revoke('shop_a', 'r1');
      expect([await port.state('shop_a'), await port.mark('shop_a')]).toEqual([
        'revoked',
        { part: 'revoked', release: 'r1' },
      ]);
      await expect(use('shop_a', 'first')).rejects.toThrow();
      await port.close('shop_a', 'r1');
      await expect(port.reopen('shop_a', 'r1')).rejects.toMatchObject({ code: 'Rejected' });
      expect(await port.state('shop_a')).toBe('revoked');
      await session.close();
    });

    it('makes a revoked login valid again, for the next release', async () => {
      await port.issue(handover);
      await port.revoke('shop_a', 'r1');
      world.setPassword('shop_a', 'another');
      await port.issue({ login: 'shop_a', from: 'shop_b', release: 'r2' });
      await use('shop_a', 'another');
      // What the first release still does comes too late.
      for (const late of [
        () => port.close('shop_a', 'r1'),
        () => port.revoke('shop_a', 'r1'),
        () => port.withdraw(handover, 'closed'),
      ])
        await late();
      await use('shop_a', 'another');
      await use('shop_b', 'second');
    });

    it('does not issue late what was taken back, whether it had been issued or not', async () => {
      await port.issue(handover);
      await port.withdraw(handover, 'closed');
      await expect(port.issue(handover)).rejects.toMatchObject({ code: 'Conflict' });
      const unbegun = { ...handover, release: 'r2' };
      await port.withdraw(unbegun, 'closed');
      await expect(port.issue(unbegun)).rejects.toMatchObject({ code: 'Conflict' });
      expect(await port.state('shop_b')).toBe('closed');
    });

    it('neither issues nor takes back what another release has issued', async () => {
      await port.issue(handover);
      const other = { ...handover, release: 'r2' };
      await expect(port.issue(other)).rejects.toMatchObject({
        code: 'Conflict',
        message: expect.stringMatching(/may log in already, and not by this release/) as string,
      });
      await port.withdraw(other, 'closed');
      await use('shop_b', 'second');
    });

    it('does not issue what a contract has closed and may open again', async () => {
      await port.issue(handover);
      await port.close('shop_a', 'r1');
      await expect(port.issue({ login: 'shop_a', from: 'shop_b', release: 'r2' })).rejects.toMatchObject({
        code: 'Conflict',
        message: expect.stringMatching(/release r1 has closed it and not revoked it yet/) as string,
      });
    });

    it('a release that turned back leaves no mark on the login in use', async () => {
      await port.issue(handover);
      expect(await port.mark('shop_a')).toEqual({ part: 'old', release: 'r1' });
      await port.withdraw(handover, 'closed');
      expect([await port.mark('shop_a'), await port.mark('shop_b')]).toEqual([
        undefined,
        { part: 'back', release: 'r1' },
      ]);
    });

    it('names who is there, and counts what they did', async () => {
      const before = await port.use('shop_a');
      expect(before).toMatchObject({ sessions: [], unlistedCount: 0 });
      const session = await world.logIn('shop_a', 'first');
      const during = await port.use('shop_a');
      expect(during.sessions).toEqual([expect.stringContaining('billing') as string]);
      await session.close();
      const after = await port.use('shop_a');
      expect(after.calls).toBeGreaterThan(before.calls ?? Infinity);
      expect((await port.use('shop_a')).calls).toBe(after.calls);
      expect(after.atMs).toBeGreaterThanOrEqual(before.atMs);
    });

    it('has nothing against a free login with a password', async () => {
      await expect(port.check(handover)).resolves.toBeUndefined();
    });

    it('says that a login is not there', async () => {
      await expect(port.state('shop_c')).rejects.toMatchObject({
        code: 'Rejected',
        message: expect.stringContaining('shop_c') as string,
      });
    });

    it.each(['', 'pässwörd', 'two\nlines'])(
      'refuses a password that not every client sends alike: %j',
      async (password) => {
        world.setPassword('shop_b', password);
        const refused = { code: 'Rejected', message: expect.stringMatching(/printable ASCII/) as string };
        await expect(port.check(handover)).rejects.toMatchObject(refused);
        await expect(port.issue(handover)).rejects.toMatchObject(refused);
        expect(await port.state('shop_b')).toBe('closed');
      },
    );
  });
}
