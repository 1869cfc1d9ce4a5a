import type { MigrateEffect } from '../../src/ports/migrations';
import { failure } from '../support/failure';
import { sqlFile } from '../support/migrate-effect';
import type { MigrationsRig } from './migrations';

const wide = (release: string) => `release/test/shop/${release}`;

/** What every MigrationsPort does about rows that an undo would lose; `expand` is a part that it can run. */
export const undoLossesContract = (rig: () => MigrationsRig, expand: MigrateEffect): void => {
  it('finds what an undo would lose by key, and keeps a copy when it is told to lose it', async () => {
    const query = sqlFile('losses.sql', 'select id, customer from orders where id in (3, 12)');
    rig().expectLosses(query.path, ['3', '12']);
    expect(await rig().port.losses(query)).toEqual({ rows: 2, keys: ['3', '12'] });
    await rig().port.apply(expand, wide('a'));
    const losses = { queries: [query], chosen: { by: 'dana', why: 'test rows', rows: 2 } };
    const copies = await rig().port.undo(expand, wide('a'), losses);
    expect(copies.map(({ rows }) => rows)).toEqual([2]);
    expect(copies[0]?.table).toContain('lost');
  });

  it('tells the copies again when its answer was lost, and to nobody else', async () => {
    const query = sqlFile('losses.sql', 'select id, customer from orders where id in (3, 12)');
    rig().expectLosses(query.path, ['3', '12']);
    await rig().port.apply(expand, wide('a'));
    const losses = { queries: [query], chosen: { by: 'dana', why: 'test rows', rows: 2 } };
    const copies = await rig().port.undo(expand, wide('a'), losses);
    expect(await rig().port.undo(expand, wide('a'), { queries: [query] })).toEqual(copies);
    expect(await rig().port.undo(expand, wide('b'), losses)).toEqual([]);
  });

  it.each([
    ['nobody chose to lose', undefined],
    ['are more than somebody chose to lose', { by: 'dana', why: 'test rows', rows: 1 }],
  ])('undoes nothing while rows %s', async (_what, chosen) => {
    const query = sqlFile('losses.sql', 'select id, customer from orders where id in (3, 12)');
    rig().expectLosses(query.path, ['3', '12']);
    await rig().port.apply(expand, wide('a'));
    const error = await failure(rig().port.undo(expand, wide('a'), { queries: [query], chosen }));
    expect(error.code).toBe('NotConverged');
    expect(error.message).toMatch(/would lose 2 rows.*nothing was undone/);
    expect(await rig().port.isApplied(expand)).toBe(true);
  });
};
