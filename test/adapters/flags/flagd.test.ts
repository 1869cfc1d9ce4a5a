import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFlagdFile } from '../../../src/adapters/flags/flagd';
import type { Json } from '../../../src/core/json';
import type { FlagsPort } from '../../../src/ports/flags';
import { failure } from '../../support/failure';
import { withFlagd } from '../../support/flagd';
import { temporaryDirectory } from '../../support/temporary-directory';

const colours = { state: 'ENABLED', variants: { red: 'r', blue: 'b' }, defaultVariant: 'red' };
const onlyInternal = {
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant: 'off',
  targeting: { if: [{ $ref: 'isInternal' }, 'on', 'off'] },
};
const document = {
  $schema: 'https://flagd.dev/schema/v0/flags.json',
  flags: { basket: onlyInternal, colours },
  $evaluators: { isInternal: { in: ['@shop.example', { var: 'email' }] } },
};
const users = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);

describe('flagd file', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let path: string;
  let flags: FlagsPort;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    path = join(directory.path, 'flags.json');
    await writeFile(path, JSON.stringify(document));
    flags = createFlagdFile({ path, tenantField: 'tenant' });
  });
  afterEach(() => directory.remove());

  /** Users of a tenant who have the flag, as the evaluator of flagd says. */
  const usersWith = (tenant: string) =>
    withFlagd(path, async (isOn) => {
      const found = await Promise.all(users.map((targetingKey) => isOn('basket', { targetingKey, tenant })));
      return users.filter((_, index) => found[index]);
    });

  it('is on for everybody with true, and off for everybody with false', async () => {
    await flags.write('basket', true);
    expect(await usersWith('acme')).toHaveLength(users.length);
    await flags.write('basket', false);
    // Off is said, not left to what the service takes for unset.
    expect(await withFlagd(path, (isOn) => isOn('basket', { targetingKey: 'a' }, true))).toBe(false);
  });

  it('makes a flag that is not there', async () => {
    await flags.write('checkout', true);
    expect(await withFlagd(path, (isOn) => isOn('checkout', {}))).toBe(true);
  });

  it('is on for the share of users that percent says, and a greater share only adds users', async () => {
    await flags.write('basket', { percent: 0 });
    expect(await usersWith('acme')).toEqual([]);
    await flags.write('basket', { percent: 10 });
    const few = await usersWith('acme');
    await flags.write('basket', { percent: 50 });
    const half = await usersWith('acme');
    expect([few.length > 60 && few.length < 140, half.length > 430 && half.length < 570]).toEqual([true, true]);
    expect(half).toEqual(expect.arrayContaining(few));
    await flags.write('basket', { percent: 100 });
    expect(await usersWith('acme')).toHaveLength(users.length);
  });

  it('is on for the tenants that are named, and for the share of theirs that percent says', async () => {
    await flags.write('basket', { tenants: ['acme'] });
    expect([(await usersWith('acme')).length, (await usersWith('bolt')).length]).toEqual([users.length, 0]);
    await flags.write('basket', { tenants: ['acme'], percent: 20 });
    const some = await usersWith('acme');
    expect([some.length > 140 && some.length < 260, (await usersWith('bolt')).length]).toEqual([true, 0]);
    expect(await withFlagd(path, (isOn) => isOn('basket', { targetingKey: 'a' }))).toBe(false);
  });

  it('gives the earlier definition back, and leaves everything else in the file as it is', async () => {
    const before = await flags.read('basket');
    await flags.write('basket', { percent: 30 });
    await flags.write('colours', 'blue');
    const changed = JSON.parse(readFileSync(path, 'utf8')) as typeof document;
    expect(changed).toEqual({
      ...document,
      flags: { ...changed.flags, colours: { ...colours, defaultVariant: 'blue' } },
    });
    await flags.write('basket', before);
    await flags.write('colours', colours);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(document);
    const asked = await withFlagd(path, (isOn) =>
      Promise.all(['eve@shop.example', 'eve@else.example'].map((email) => isOn('basket', { email }))),
    );
    expect(asked).toEqual([true, false]);
  });

  it.each<[string, Json, string]>([
    ['colours', 'green', 'has no variant green, only red, blue'],
    ['colours', true, 'is no switch'],
    ['colours', { percent: 10 }, 'is no switch'],
    ['new', 'on-for-all', 'has no variant on-for-all, only on, off'],
    ['basket', 5, 'no object with state and variants'],
    ['basket', { percent: 101 }, 'percent is a whole number from 0 to 100'],
    ['basket', { tenants: [], percent: 1 }, 'tenants and versions are lists of names'],
    ['basket', { state: 'ON', variants: { on: true } }, 'state: it is neither ENABLED nor DISABLED'],
    ['basket', { state: 'ENABLED', variants: {} }, 'variants: there are none'],
    ['basket', { state: 'ENABLED', variants: { on: true, off: 'no' } }, 'of several types (boolean, string)'],
    ['basket', { state: 'ENABLED', variants: { on: true }, defaultVariant: 'of' }, 'there is no variant of, only on'],
    ['basket', { ...onlyInternal, targeting: 'on' }, 'targeting: it is no object'],
  ])('refuses for flag %s the value %j and changes nothing', async (flag, value, why) => {
    const found = await flags.read(flag);
    for (const call of [() => flags.write(flag, value), () => flags.foretell(flag, { found, value })]) {
      const error = await failure(call());
      expect([error.code, error.message]).toEqual(['Rejected', expect.stringContaining(why)]);
      expect(error.message).toContain(`${path}: flag ${flag}`);
    }
    expect(readFileSync(path, 'utf8')).toBe(JSON.stringify(document));
  });

  it('refuses to read a definition that could not be given back, and replaces it by a whole one', async () => {
    const bad = {
      ...document,
      flags: { ...document.flags, basket: { state: 'ENABLED', variants: { a: 1 }, defaultVariant: 'b' } },
    };
    await writeFile(path, JSON.stringify(bad));
    await expect(withFlagd(path, (isOn) => isOn('colours', {}))).rejects.toThrow();
    const error = await failure(flags.read('basket'));
    expect([error.code, error.message]).toEqual(['Rejected', expect.stringContaining('there is no variant b, only a')]);
    await flags.write('basket', onlyInternal);
    expect(await flags.read('basket')).toEqual(onlyInternal);
  });
});
