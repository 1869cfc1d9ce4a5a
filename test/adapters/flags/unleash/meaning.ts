import type { FlagsPort } from '../../../../src/ports/flags';
import { failure } from '../../../support/failure';
import { until } from '../../../support/until';
import { flagsAt, removeAll, type Rig } from './rig';
import { inDevelopment, inTenants, rich } from './samples';

/** What a value does to a flag, and what it leaves alone. */
export const testMeaning = (unleash: Rig) =>
  describe('a flag of Unleash', () => {
    let flags: FlagsPort;
    beforeEach(() => {
      flags = flagsAt(unleash());
    });
    afterEach(() => removeAll(unleash()));

    const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
    const usersWith = (tenant: string) =>
      unleash().withSdk((isOn) => users.filter((userId) => isOn('new-basket', { userId, properties: { tenant } })));

    /** Unleash tells its SDKs within about a second. */
    const isSeenBy = async (tenant: string, isSeen: (users: readonly string[]) => boolean) => {
      let seen: readonly string[] = [];
      await until(`the SDK sees it for ${tenant}`, async () => isSeen((seen = await usersWith(tenant))));
      return seen;
    };

    it('shows its own SDK the tenants and the share that were written', async () => {
      await flags.write('new-basket', { tenants: ['acme'], percent: 10 });
      const few = await isSeenBy('acme', ({ length }) => length > 60 && length < 140);
      expect(await usersWith('bolt')).toEqual([]);
      await flags.write('new-basket', { tenants: ['acme'], percent: 50 });
      const half = await isSeenBy('acme', ({ length }) => length > 430 && length < 570);
      expect(half).toEqual(expect.arrayContaining([...few]));
      await flags.write('new-basket', false);
      await isSeenBy('acme', ({ length }) => length === 0);
    });

    it('turns a flag on and off with the strategies that somebody else gave it', async () => {
      await unleash().admin('POST', '/projects/default/features', { name: 'new-basket' });
      await unleash().admin('POST', `${inDevelopment}/strategies`, {
        name: 'flexibleRollout',
        title: 'theirs',
        constraints: [inTenants],
      });
      const before = await flags.read('new-basket');
      await flags.write('new-basket', true);
      await isSeenBy('acme', ({ length }) => length === users.length);
      expect(await usersWith('cog')).toEqual([]);
      expect(await flags.read('new-basket')).toEqual({ ...(before as object), enabled: true });
      await flags.write('new-basket', before);
      expect(await flags.read('new-basket')).toEqual(before);
    });

    it('leaves the other environments as they are', async () => {
      const production = flagsAt(unleash(), { environment: 'production' });
      await production.write('new-basket', { percent: 10 });
      const before = await production.read('new-basket');
      await flags.write('new-basket', rich);
      expect(await production.read('new-basket')).toEqual(before);
    });

    it('deletes only a flag that a release made and nobody else uses', async () => {
      await flagsAt(unleash(), { environment: 'production' }).write('new-basket', true);
      const used = await failure(flags.write('new-basket', undefined));
      expect([used.code, used.message]).toEqual(['Conflict', expect.stringContaining('it is on in production')]);
      await unleash().admin('POST', '/projects/default/features', { name: 'theirs' });
      const theirs = await failure(flags.write('theirs', undefined));
      expect([theirs.code, theirs.message]).toEqual(['Conflict', expect.stringContaining('somebody else made it')]);
      expect(await flags.read('theirs')).toEqual({ enabled: false, strategies: [] });
    });
  });
