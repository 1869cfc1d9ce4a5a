import type { Json } from '../../../../src/core/json';
import type { FlagsPort } from '../../../../src/ports/flags';
import { failure } from '../../../support/failure';
import { flagsAt, removeAll, type Rig } from './rig';
import { path } from './samples';

/** What is wrong is said, whoever finds it. */
export const testRefusals = (unleash: Rig) =>
  describe('Unleash', () => {
    let flags: FlagsPort;
    beforeEach(() => {
      flags = flagsAt(unleash());
    });
    afterEach(() => removeAll(unleash()));

    it.each<[string, Json, string]>([
      ['a text', 'on', 'cannot become "on"'],
      ['a number', 3, 'cannot become 3'],
      ['a share above 100', { percent: 101 }, 'percent is a whole number from 0 to 100'],
      ['a strategy without name', { enabled: true, strategies: [{}] }, 'strategies.0.name'],
      ['a flag that is on for nobody', { enabled: true, strategies: [] }, 'turns nothing on that has no strategy'],
      [
        'a strategy that it does not know',
        { enabled: false, strategies: [{ name: 'moon' }] },
        'Could not find strategy type with name moon',
      ],
      [
        'a segment that it does not know',
        { enabled: false, strategies: [{ name: 'default', segments: [99] }] },
        'No segment exists with ID',
      ],
    ])('refuses %s and says why', async (_, value, why) => {
      const error = await failure(flags.write('new-basket', value));
      expect([error.code, error.message]).toEqual(['Rejected', expect.stringContaining(why)]);
      expect(error.message).toContain(`Unleash at ${unleash().url}`);
    });

    it.each<[string, Parameters<typeof flagsAt>[1], string]>([
      ['a project', { project: 'shop' }, 'has no project shop'],
      [
        'an environment',
        { environment: 'prod' },
        'has no environment prod in project default, only development, production',
      ],
      ['a token', { token: '*:*.of-somebody-else' }, 'does not know our token'],
      [
        'the right of a token',
        { token: 'default:development.backend-token-of-the-tests' },
        'does not let our token do this',
      ],
    ])('says that it does not know %s, whether the flag is there or not', async (_, change, why) => {
      await flags.write('new-basket', true);
      for (const flag of ['new-basket', 'nothing'])
        for (const call of [
          () => flagsAt(unleash(), change).read(flag),
          () => flagsAt(unleash(), change).write(flag, true),
        ]) {
          const error = await failure(call());
          expect([error.code, error.message]).toEqual(['Rejected', expect.stringContaining(why)]);
          expect(JSON.stringify([error.message, error.stack])).not.toMatch(/of-somebody-else|backend-token/);
        }
    });

    it('says so when the name stands in the archive', async () => {
      await unleash().admin('POST', '/projects/default/features', { name: 'new-basket' });
      await unleash().admin('DELETE', path);
      try {
        const error = await failure(flags.write('new-basket', true));
        expect([error.code, error.message]).toEqual([
          'Rejected',
          expect.stringContaining('archived flag with that name'),
        ]);
      } finally {
        await unleash().admin('DELETE', '/archive/new-basket');
      }
    });
  });
