import type { BackfillProgress, BatchProgress, MigrateEffect, MigrationsPort } from '../../src/ports/migrations';
import { judgeOldForm, type Reconciliation } from '../../src/core/release/reconciliation';
import { failure } from '../support/failure';
import { migrateEffect, sqlFile } from '../support/migrate-effect';
import { backfill, index, keyed, ruleOf } from '../support/orders-parts';
import { undoLossesContract } from './undo-losses';

/** A database with a table `orders` of 25 rows whose `state` is null, and hands to look at it. */
export type MigrationsRig = {
  readonly port: MigrationsPort;
  /** Checks of this path are to count as many rows. */
  expectViolations(path: string, count: number): void;
  /** The query of losses at this path is to find these keys. */
  expectLosses(path: string, keys: readonly string[]): void;
  /** The forms of a rule are to say this. */
  expectForms(rule: string, forms: Partial<Reconciliation>): void;
  /** The undo at this path, whose SQL is not the inverse of its part, is to be seen as such. */
  expectLeftBehind(path: string): void;
  close(): Promise<void>;
};

/** Nothing is to be told to a database: it sees for itself. */
export const onRealRows: Pick<MigrationsRig, 'expectViolations' | 'expectLosses' | 'expectForms' | 'expectLeftBehind'> =
  {
    expectViolations: () => undefined,
    expectLosses: () => undefined,
    expectForms: () => undefined,
    expectLeftBehind: () => undefined,
  };

const wide = (release: string) => `release/test/shop/${release}`;
const never = new AbortController().signal;
const ignore = () => undefined;

/** What every MigrationsPort does, in memory, on PostgreSQL and by tools. `write` makes a part as a tool wants it written. */
export const migrationsContract = (
  name: string,
  create: () => Promise<MigrationsRig>,
  write: typeof migrateEffect = migrateEffect,
): void => {
  const expand = write(
    'expand',
    'alter table orders add column note text;\ncreate index orders_note on orders (note);',
    'alter table orders drop column note;',
  );
  describe(`migrations port: ${name}`, () => {
    let rig: MigrationsRig;
    let port: MigrationsPort;
    beforeEach(async () => {
      rig = await create();
      port = rig.port;
    });
    afterEach(() => rig.close());

    it('has nothing applied at first', async () => {
      expect(await port.isApplied(expand)).toBe(false);
      expect(await port.isApplied(backfill)).toBe(false);
    });

    it('shows the schema before and after, and the same again after the undo', async () => {
      const before = await port.snapshot();
      await port.apply(expand, wide('a'));
      expect(await port.isApplied(expand)).toBe(true);
      expect(await port.snapshot()).not.toEqual(before);
      await port.undo(expand, wide('a'));
      expect(await port.isApplied(expand)).toBe(false);
      expect(await port.snapshot()).toEqual(before);
    });

    it('applies and undoes once, however often it is asked', async () => {
      await port.apply(expand, wide('a'));
      const after = await port.snapshot();
      await port.apply(expand, wide('a'));
      expect(await port.snapshot()).toEqual(after);
      await port.undo(expand, wide('a'));
      const undone = await port.snapshot();
      await port.undo(expand, wide('a'));
      expect(await port.snapshot()).toEqual(undone);
    });

    it('leaves alone what an earlier release applied, also when the later one is undone', async () => {
      await port.apply(expand, wide('a'));
      const after = await port.snapshot();
      await port.apply(expand, wide('b'));
      await port.undo(expand, wide('b'));
      expect(await port.snapshot()).toEqual(after);
      expect(await port.isApplied(expand)).toBe(true);
    });

    it('applies again in a later release what an earlier one undid', async () => {
      await port.apply(expand, wide('a'));
      await port.undo(expand, wide('a'));
      await port.apply(expand, wide('b'));
      expect(await port.isApplied(expand)).toBe(true);
    });

    it('refuses another file under an applied id', async () => {
      await port.apply(expand, wide('a'));
      const changed = write('expand', 'alter table orders add column remark text', undefined);
      const error = await failure(port.apply(changed, wide('b')));
      expect(error.code).toBe('Rejected');
      expect(error.message).toMatch(/checksum differs.*release\/test\/shop\/a/);
      expect(await port.isApplied(changed)).toBe(false);
    });

    it('refuses a late apply of a release that has undone the part', async () => {
      await port.apply(expand, wide('a'));
      await port.undo(expand, wide('a'));
      expect((await failure(port.apply(expand, wide('a')))).code).toBe('Conflict');
      expect(await port.isApplied(expand)).toBe(false);
    });

    it('refuses a late apply whose undo came first', async () => {
      const before = await port.snapshot();
      await port.undo(expand, wide('a'));
      expect((await failure(port.apply(expand, wide('a')))).code).toBe('Conflict');
      expect(await port.snapshot()).toEqual(before);
    });

    it('takes a skipped undo out of the ledger and leaves the schema', async () => {
      const kept = { ...expand, undo: { skip: 'an unused column harms nobody' } };
      await port.apply(kept, wide('a'));
      const after = await port.snapshot();
      await port.undo(kept, wide('a'));
      expect(await port.snapshot()).toEqual(after);
      expect(await port.isApplied(kept)).toBe(false);
    });

    it('repeats a batch until it changes nothing, and tells after each one', async () => {
      const seen: BatchProgress[] = [];
      const total = await port.backfill(backfill, wide('a'), (progress) => seen.push(progress), never);
      expect(total).toEqual({ batches: 3, rows: 25 });
      expect(seen.map(({ rows }) => rows)).toEqual([10, 20, 25, 25]);
      expect(await port.isApplied(backfill)).toBe(true);
    });

    it('answers a finished backfill from the ledger', async () => {
      await port.backfill(backfill, wide('a'), ignore, never);
      expect(await port.backfill(backfill, wide('a'), ignore, never)).toEqual({ batches: 3, rows: 25 });
      expect(await port.backfill(backfill, wide('b'), ignore, never)).toEqual({ batches: 3, rows: 25 });
    });

    it('stops between batches and goes on where it stopped', async () => {
      const stop = new AbortController();
      const stopping = port.backfill(backfill, wide('a'), () => stop.abort(), stop.signal);
      expect((await failure(stopping)).code).toBe('TargetUnavailable');
      expect(await port.isApplied(backfill)).toBe(false);
      expect(await port.backfill(backfill, wide('a'), ignore, never)).toEqual({ batches: 3, rows: 25 });
    });

    it('undoes a backfill that is half done', async () => {
      const stop = new AbortController();
      await failure(port.backfill(backfill, wide('a'), () => stop.abort(), stop.signal));
      await port.undo(backfill, wide('a'));
      expect(await port.isApplied(backfill)).toBe(false);
      expect(await port.backfill(backfill, wide('b'), ignore, never)).toEqual({ batches: 3, rows: 25 });
    });

    it('goes along a key, and tells how far it is', async () => {
      const seen: BackfillProgress[] = [];
      const total = await port.backfill(keyed, wide('a'), (progress) => seen.push(progress), never);
      expect(total).toEqual({ batches: 3, rows: 25 });
      expect(seen.map(({ done, unit }) => `${done} ${unit}`)).toEqual(['10 rows', '20 rows', '25 rows', '25 rows']);
      expect(await port.isApplied(keyed)).toBe(true);
    });

    it('goes on along a key where it stopped', async () => {
      const stop = new AbortController();
      await failure(port.backfill(keyed, wide('a'), () => stop.abort(), stop.signal));
      const seen: BackfillProgress[] = [];
      await port.backfill(keyed, wide('a'), (progress) => seen.push(progress), never);
      expect(seen.map(({ batches, rows }) => [batches, rows])).toEqual([
        [2, 20],
        [3, 25],
        [3, 25],
      ]);
    });

    it('rests as long as there is a reason, says it, and then goes on', async () => {
      const seen: BackfillProgress[] = [];
      let asked = 0;
      const whyRest = () => Promise.resolve((asked += 1) <= 2 ? 'the guardrail http-errors fails' : undefined);
      const total = await port.backfill(keyed, wide('a'), (progress) => seen.push(progress), never, whyRest);
      expect(total).toEqual({ batches: 3, rows: 25 });
      expect(seen.slice(0, 3).map(({ batches, resting }) => [batches, resting?.because])).toEqual([
        [0, 'the guardrail http-errors fails'],
        [0, 'the guardrail http-errors fails'],
        [1, undefined],
      ]);
    });

    it('stops while it rests', async () => {
      const stop = new AbortController();
      const whyRest = () => Promise.resolve('nobody knows how the baseline does');
      const stopping = port.backfill(keyed, wide('a'), () => stop.abort(), stop.signal, whyRest);
      expect((await failure(stopping)).code).toBe('TargetUnavailable');
    });

    it('builds an index and drops it again', async () => {
      const before = await port.snapshot();
      await port.buildIndex(index, wide('a'), ignore, never);
      expect(await port.isApplied(index)).toBe(true);
      const after = await port.snapshot();
      expect(after).not.toEqual(before);
      await port.buildIndex(index, wide('b'), ignore, never);
      expect(await port.snapshot()).toEqual(after);
      await port.undo(index, wide('a'));
      expect(await port.snapshot()).toEqual(before);
      expect(await port.isApplied(index)).toBe(false);
      expect((await failure(port.buildIndex(index, wide('a'), ignore, never))).code).toBe('Conflict');
    });

    it('knows what is its own to undo, also when it is half done', async () => {
      expect(await port.isUndoDue(expand, wide('a'))).toBe(false);
      await port.apply(expand, wide('a'));
      expect(await port.isUndoDue(expand, wide('a'))).toBe(true);
      expect(await port.isUndoDue(expand, wide('b'))).toBe(false);
      await port.undo(expand, wide('a'));
      expect(await port.isUndoDue(expand, wide('a'))).toBe(false);
      const stop = new AbortController();
      await failure(port.backfill(backfill, wide('a'), () => stop.abort(), stop.signal));
      expect(await port.isUndoDue(backfill, wide('a'))).toBe(true);
    });

    undoLossesContract(() => rig, expand);

    it('compares two forms row by row, with checksums of both', async () => {
      const same = { rows: 25, checksum: '4711' };
      rig.expectForms('a/same', { rows: 25, old: same, new: same });
      const equal = await port.reconcile(ruleOf('a/same', 'customer', 'customer'));
      expect(equal).toMatchObject({ id: 'a/same', table: 'orders', rows: 25, differing: 0, keys: [] });
      expect(equal.new).toEqual(equal.old);
      rig.expectForms('a/other', {
        rows: 25,
        old: same,
        new: { ...same, checksum: '1' },
        differing: 2,
        keys: ['3', '12'],
      });
      const other = await port.reconcile(
        ruleOf('a/other', 'customer', "case when id in (3, 12) then 'x' else customer end"),
      );
      expect(other).toMatchObject({ differing: 2, keys: ['3', '12'] });
      expect(other.new.checksum).not.toBe(other.old.checksum);
    });

    it('remembers the old form of a release, once, and shows it beside what is there now', async () => {
      const rule = ruleOf('a/customer', 'customer', 'state');
      rig.expectForms('a/customer', { rows: 25, old: { rows: 25, checksum: '7' } });
      expect(await port.readOldForm(rule, wide('a'))).toBeUndefined();
      await port.rememberOldForm(rule, wide('a'));
      await port.rememberOldForm(rule, wide('a'));
      const change = await port.readOldForm(rule, wide('a'));
      expect(change && judgeOldForm(change)).toEqual({ rowsBefore: 25, rowsNow: 25, writtenSince: 0, damaged: 0 });
      expect(await port.readOldForm(rule, wide('b'))).toBeUndefined();
    });

    it.each([0, 3])('counts %d rows that break a rule', async (count) => {
      rig.expectViolations('checks/orders.sql', count);
      const query = sqlFile(
        'checks/orders.sql',
        `select id, id from orders where id <= ${count} ; -- the first ones\n`,
      );
      expect(await port.violations(query)).toBe(count);
    });

    const request = (effects: readonly MigrateEffect[], contract: readonly MigrateEffect[] = []) => ({
      effects,
      contract,
      invariants: [],
      release: wide('a'),
      signal: never,
    });
    const contract = write('contract', 'alter table orders drop column customer', undefined);

    it('tries every part and undo on a copy, and leaves the database as it was', async () => {
      const before = await port.snapshot();
      const trial = await port.trial(request([expand, backfill, index], [contract]));
      expect(trial).toEqual({
        outcome: 'restored',
        objects: Object.keys(before).length,
        tried: [expand.key, backfill.key, index.key, contract.key],
        notes: [],
      });
      expect(await port.snapshot()).toEqual(before);
      expect(await port.isApplied(expand)).toBe(false);
      await port.apply(expand, wide('a'));
    });

    it('names what an undo leaves behind, and the file', async () => {
      const wrong = write('expand', 'create table extra (a int)', 'drop table if exists another');
      if (!('path' in wrong.undo)) throw new Error('no undo');
      rig.expectLeftBehind(wrong.undo.path);
      const trial = await port.trial(request([wrong]));
      if (trial.outcome !== 'differs') throw new Error(trial.outcome);
      expect(trial.differences[0]).toMatchObject({
        is: 'left behind',
        effects: [wrong.key],
        undos: [wrong.undo.path],
      });
    });

    it('leaves out what an earlier release applied', async () => {
      await port.apply(expand, wide('earlier'));
      expect(await port.trial(request([expand, backfill]))).toMatchObject({
        outcome: 'restored',
        tried: [backfill.key],
      });
    });

    it('refuses to try another file under an applied id', async () => {
      await port.apply(expand, wide('earlier'));
      const changed = write('expand', 'alter table orders add column remark text', undefined);
      expect((await failure(port.trial(request([changed])))).code).toBe('Rejected');
    });

    it('stops a trial when it is told to', async () => {
      const told = AbortSignal.abort();
      const stopped = port.trial({ ...request([expand]), signal: told });
      expect((await failure(stopped)).code).toBe('TargetUnavailable');
    });
  });
};
