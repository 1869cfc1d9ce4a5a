import { without } from '../../src/core/without';
import type { ContractPort } from '../../src/ports/contract';
import type { MigrateEffect } from '../../src/ports/migrations';
import { failure } from '../support/failure';
import { migrateEffect } from '../support/migrate-effect';

export type ContractRig = {
  readonly port: ContractPort;
  isApplied(effect: MigrateEffect): Promise<boolean>;
  close(): Promise<void>;
};

const rule = { quietMs: 60_000, checkEveryMs: 1_000, renamedMs: 0, keepMs: 86_400_000 };
export const contractEffect = (sql: string, migration = '0001-orders'): MigrateEffect => ({
  ...migrateEffect('contract', sql, undefined, migration),
  rule,
  origin: { service: 'shop', version: '2.0.0' },
});
const dropCustomer = contractEffect('alter table orders drop column customer');

/** What every ContractPort does, in memory and on PostgreSQL, of a database with a table `orders` and a column `customer`. */
export const contractPortContract = (name: string, create: () => Promise<ContractRig>): void => {
  describe(`contract port: ${name}`, () => {
    let rig: ContractRig;
    let port: ContractPort;
    beforeEach(async () => {
      rig = await create();
      port = rig.port;
    });
    afterEach(() => rig.close());

    it('says what a part removes, and that nothing is renamed at first', async () => {
      expect((await port.look(dropCustomer, 'a')).removes).toEqual(['public.orders.customer']);
      expect(await port.oldForm(dropCustomer, 'a')).toBe('present');
    });

    it('keeps a copy of what is removed, again and again under one name', async () => {
      const [first, ...more] = await port.keep(dropCustomer, 'a');
      expect(more).toEqual([]);
      expect(first).toMatchObject({ kind: 'copy', of: 'public.orders.customer' });
      const [second] = await port.keep(dropCustomer, 'a');
      expect(second?.name).toBe(first?.name);
      expect((await port.kept()).map((copy) => copy.name)).toEqual([first?.name]);
    });

    it('takes no copy that nobody said how long to keep', async () => {
      const error = await failure(port.keep(without(dropCustomer, 'rule'), 'a'));
      expect([error.code, error.message]).toEqual(['Rejected', expect.stringMatching(/how long a copy is kept/)]);
      expect(await port.kept()).toEqual([]);
    });

    it('renames first, however often it is asked, and drops then', async () => {
      await port.retire(dropCustomer, 'a');
      await port.retire(dropCustomer, 'a');
      expect(await port.oldForm(dropCustomer, 'a')).toBe('renamed');
      expect(await rig.isApplied(dropCustomer)).toBe(true);
      await port.drop(dropCustomer, 'a');
      await port.drop(dropCustomer, 'a');
      expect(await port.oldForm(dropCustomer, 'a')).toBe('dropped');
    });

    it('puts the name back until the drop, and keeps a late renaming of the same release out', async () => {
      await port.retire(dropCustomer, 'a');
      expect(await port.putBack(dropCustomer, 'a')).toEqual({ notes: [] });
      await port.putBack(dropCustomer, 'a');
      expect(await port.oldForm(dropCustomer, 'a')).toBe('present');
      expect(await rig.isApplied(dropCustomer)).toBe(false);
      expect((await failure(port.retire(dropCustomer, 'a'))).code).toBe('Conflict');
      expect((await failure(port.drop(dropCustomer, 'a'))).code).toBe('Conflict');
    });

    it('a later release contracts what an earlier one put back', async () => {
      await port.retire(dropCustomer, 'a');
      await port.putBack(dropCustomer, 'a');
      await port.retire(dropCustomer, 'b');
      expect(await port.oldForm(dropCustomer, 'b')).toBe('renamed');
    });

    it('does not put back what is dropped', async () => {
      await port.retire(dropCustomer, 'a');
      await port.drop(dropCustomer, 'a');
      expect((await failure(port.putBack(dropCustomer, 'a'))).code).toBe('Conflict');
    });

    it('finds nothing to do where an earlier release has contracted', async () => {
      await port.retire(dropCustomer, 'a');
      await port.drop(dropCustomer, 'a');
      await port.retire(dropCustomer, 'b');
      expect(await port.oldForm(dropCustomer, 'b')).toBe('dropped');
      await port.drop(dropCustomer, 'b');
    });

    it('renames nothing while another release has entered, and does once that is known to be over', async () => {
      const other = { workflowId: 'release/local/billing', release: 'z', service: 'billing', version: '1.1.0' };
      expect(await port.enter({ ...other, workflowId: 'release/local/shop', release: 'a' }, true)).toEqual([]);
      expect(await port.enter(other, true)).toEqual([]);
      expect(await port.retire(dropCustomer, 'a')).toEqual([other]);
      expect(await port.oldForm(dropCustomer, 'a')).toBe('present');
      expect(await port.retire(dropCustomer, 'a', ['z'])).toEqual([]);
      expect(await port.oldForm(dropCustomer, 'a')).toBe('renamed');
    });

    it('lets one release of a workflow id take the place of the one before', async () => {
      const first = { workflowId: 'release/local/billing', release: 'y', service: 'billing', version: '1.1.0' };
      await port.enter(first, true);
      await port.enter({ ...first, release: 'z' }, false);
      expect((await port.retire(dropCustomer, 'a')).map(({ release }) => release)).toEqual(['z']);
    });

    it('lets nobody in who migrates between renaming and drop, and says what is renamed', async () => {
      const other = { workflowId: 'release/local/billing', release: 'z', service: 'billing', version: '1.1.0' };
      await port.retire(dropCustomer, 'a');
      const renamed = [{ release: 'a', migration: '0001-orders', forms: ['public.orders.customer'] }];
      expect(await port.enter(other, true)).toEqual(renamed);
      // It was not noted: nothing waits for it.
      const next = contractEffect('alter table orders drop column if exists nothing', '0002');
      expect(await port.retire(next, 'b')).toEqual([]);
      await port.drop(next, 'b');
      expect(await port.enter(other, false)).toEqual(renamed);
      await port.drop(dropCustomer, 'a');
      expect(await port.enter(other, true)).toEqual([]);
    });

    it('refuses to restore a copy that is not there', async () => {
      expect((await failure(port.restoreKept('nothing'))).code).toBe('Rejected');
    });
  });
};
