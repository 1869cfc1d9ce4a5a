import { isSameJson } from '../../../../src/core/canonical';
import type { Json } from '../../../../src/core/json';
import type { FlagsPort } from '../../../../src/ports/flags';
import { failure } from '../../../support/failure';
import { flagsAt, removeAll, type Rig } from './rig';
import { inDevelopment, plain, rich, rollout } from './samples';

/** What others do meanwhile, and what users see meanwhile. */
export const testRaces = (unleash: Rig) =>
  describe('a flag of Unleash that is being written', () => {
    let flags: FlagsPort;
    beforeEach(() => {
      flags = flagsAt(unleash());
    });
    afterEach(() => removeAll(unleash()));

    /** Does something before each request that is meant, and tells all of them as `POST on`. */
    const disturbed = (isMeant: (request: string, gets: number) => boolean, disturb: () => Promise<unknown>) => {
      const requests: string[] = [];
      const port = flagsAt(unleash(), {
        send: async (url, init) => {
          requests.push(`${init.method} ${url.pathname.split('/').at(-1)}`);
          const gets = requests.filter((each) => each.startsWith('GET')).length;
          if (isMeant(requests.at(-1) ?? '', gets)) await disturb();
          return fetch(url, init);
        },
      });
      return { port, requests };
    };
    const addTheirs = () =>
      unleash().admin('POST', `${inDevelopment}/strategies`, { name: 'default', title: 'theirs' });

    it('goes on from what somebody else made of the flag in between', async () => {
      await flags.write('new-basket', { ...plain, enabled: false });
      const { port } = disturbed((request, gets) => request.startsWith('GET') && gets === 2, addTheirs);
      await port.write('new-basket', true);
      const theirs = rollout({ name: 'default', title: 'theirs', parameters: {} });
      expect(await flags.read('new-basket')).toEqual({ enabled: true, strategies: [...plain.strategies, theirs] });
    });

    it('takes a flag that it made out of the archive, too, when its removal was interrupted', async () => {
      await flags.write('new-basket', true);
      let deletes = 0;
      const interrupted = flagsAt(unleash(), {
        send: (url, init) => {
          if (init.method === 'DELETE' && (deletes += 1) > 1) throw new TypeError('the worker died');
          return fetch(url, init);
        },
      });
      expect((await failure(interrupted.write('new-basket', undefined))).code).toBe('TargetUnavailable');
      await flags.write('new-basket', undefined);
      await flags.write('new-basket', true);
      expect(await flags.read('new-basket')).toMatchObject({ enabled: true });
    });

    it('leaves what somebody else put into the archive', async () => {
      await unleash().admin('POST', '/projects/default/features', { name: 'new-basket' });
      await unleash().admin('DELETE', '/projects/default/features/new-basket');
      try {
        await flags.write('new-basket', undefined);
        expect((await failure(flags.write('new-basket', true))).message).toMatch(/archived flag with that name/);
      } finally {
        await unleash().admin('DELETE', '/archive/new-basket');
      }
    });

    it('gives way to somebody who keeps changing the flag', async () => {
      await flags.write('new-basket', plain);
      const { port } = disturbed((request, gets) => request.startsWith('GET') && gets % 2 === 0, addTheirs);
      const error = await failure(port.write('new-basket', { percent: 10 }));
      expect([error.code, error.message]).toEqual(['Conflict', expect.stringContaining('somebody else changes it')]);
    });

    it('turns a flag off before it does anything else, whatever comes of the rest', async () => {
      await flags.write('new-basket', plain);
      const { port, requests } = disturbed(() => false, addTheirs);
      await failure(port.write('new-basket', { enabled: false, strategies: [{ name: 'moon' }] }));
      expect(requests.slice(0, 2)).toEqual(['GET new-basket', 'POST off']);
      expect(await flags.read('new-basket')).toEqual({ ...plain, enabled: false });
    });

    it('keeps a flag that is on and stays on at every moment on and with a strategy', async () => {
      await flags.write('new-basket', rich);
      const seen: Json[] = [];
      const look = async () => seen.push((await flags.read('new-basket')) ?? null);
      await disturbed(() => true, look).port.write('new-basket', { percent: 10 });
      await disturbed(() => true, look).port.write('new-basket', rich);
      expect(seen.length).toBeGreaterThan(10);
      expect(
        seen.filter((each) => (each as typeof plain).strategies.length === 0 || !(each as typeof plain).enabled),
      ).toEqual([]);
    });

    it('knows each state that its own write goes through, and none that others make', async () => {
      const off = { ...plain, enabled: false };
      for (const [from, to] of [
        [undefined, rich],
        [off, rich],
        [rich, off],
        [rich, plain],
        [plain, rich],
      ] as const) {
        await flags.write('new-basket', from);
        const seen: (Json | undefined)[] = [];
        await disturbed(
          () => true,
          async () => seen.push(await flags.read('new-basket')),
        ).port.write('new-basket', to);
        const between = seen.filter((each) => !isSameJson(each, from) && !isSameJson(each, to));
        expect(between.length).toBeGreaterThan(0);
        for (const found of between) expect(await flags.isHalfWritten('new-basket', { found, from, to })).toBe(true);
        expect(
          await flags.isHalfWritten('new-basket', { found: { ...rich, enabled: false }, from: rich, to: plain }),
        ).toBe(false);
        expect(await flags.isHalfWritten('new-basket', { found: { ...off, enabled: true }, from: off, to: rich })).toBe(
          false,
        );
        expect(await flags.isHalfWritten('new-basket', { found: undefined, from, to })).toBe(false);
      }
    });

    it('asks and changes nothing when the flag is as wanted', async () => {
      await flags.write('new-basket', rich);
      const { port, requests } = disturbed(() => false, addTheirs);
      await port.write('new-basket', rich);
      expect(requests).toEqual(['GET new-basket']);
    });
  });
