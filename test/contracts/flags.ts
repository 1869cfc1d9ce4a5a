import type { Json } from '../../src/core/json';
import type { FlagsPort } from '../../src/ports/flags';

export type FlagsWorld = { readonly flags: FlagsPort; readonly close: () => Promise<void> };

export type FlagsSample = {
  /** What flags of this kind can be: at least two different ones. */
  readonly values: readonly [Json, Json, ...Json[]];
  /** What may be written and is not what reads back. */
  readonly short?: readonly Json[];
};

const many = 10;

/** What every kind of flags keeps to. */
export function flagsContract(
  name: string,
  open: () => Promise<FlagsWorld>,
  { values, short = [] }: FlagsSample,
): void {
  describe(`flags ${name}`, () => {
    let world: FlagsWorld;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.close());
    const [value, otherValue] = values;

    it('reads a flag that does not exist as undefined', async () => {
      expect(await world.flags.read('new-basket')).toBeUndefined();
      expect(await world.flags.read('toString')).toBeUndefined();
    });

    it.each(values.map((each) => [each]))('reads back %j', async (each) => {
      await world.flags.write('new-basket', each);
      await world.flags.write('new-basket', each);
      expect(await world.flags.read('new-basket')).toEqual(each);
    });

    it('gives back what was there before', async () => {
      for (const each of values) {
        await world.flags.write('new-basket', each);
        const before = await world.flags.read('new-basket');
        for (const other of [...values, ...short]) {
          await world.flags.write('new-basket', other);
          await world.flags.write('new-basket', before);
          expect(await world.flags.read('new-basket')).toEqual(each);
        }
      }
    });

    it.each([...values, ...short].map((each) => [each]))('foretells what comes of writing %j', async (each) => {
      for (const before of [undefined, value, otherValue]) {
        await world.flags.write('new-basket', before);
        const found = await world.flags.read('new-basket');
        const foretold = await world.flags.foretell('new-basket', { found, value: each });
        expect(await world.flags.read('new-basket')).toEqual(found);
        await world.flags.write('new-basket', each);
        expect(await world.flags.read('new-basket')).toEqual(foretold);
        expect(await world.flags.foretell('new-basket', { found: foretold, value: each })).toEqual(foretold);
      }
    });

    it('never takes what was written whole for half of a write', async () => {
      const all = [undefined, ...values];
      for (const from of all)
        for (const to of all)
          expect(await world.flags.isHalfWritten('new-basket', { found: 'of somebody else', from, to })).toBe(false);
    });

    it('removes a flag by writing undefined, also one that is not there', async () => {
      await world.flags.write('new-basket', undefined);
      await world.flags.write('new-basket', value);
      await world.flags.write('new-basket', undefined);
      expect(await world.flags.read('new-basket')).toBeUndefined();
    });

    it('makes a flag again that was removed', async () => {
      await world.flags.write('new-basket', value);
      await world.flags.write('new-basket', undefined);
      await world.flags.write('new-basket', otherValue);
      expect(await world.flags.read('new-basket')).toEqual(otherValue);
    });

    it('loses no flag when many are written at once', async () => {
      const names = Array.from({ length: many }, (_, index) => `flag-${index}`);
      const valueOf = (index: number) => (index % 2 === 0 ? value : otherValue);
      await Promise.all(names.map((each, index) => world.flags.write(each, valueOf(index))));
      expect(await Promise.all(names.map((each) => world.flags.read(each)))).toEqual(
        names.map((_, index) => valueOf(index)),
      );
    });
  });
}
