import type { Fields } from './release-rig';

/** A migration with all three parts, and one more with an expand alone. */
export const migrations: Fields = {
  migrations: [
    {
      id: '002',
      expand: { sql: '002.sql', undo: '002.undo.sql', check: '002.check.sql' },
      backfill: { batch: '002.batch.sql', undo: '002.batch.undo.sql' },
      contract: { sql: '002.contract.sql', undo: { skip: 'The old column is not read any more.' } },
    },
    { id: '003', expand: { sql: '003.sql', undo: '003.undo.sql' } },
  ],
};

/** A migration that ends in a switch, right before full exposure. */
export const switching: Fields = {
  migrations: [
    {
      id: '002',
      expand: { sql: '002.sql', undo: '002.undo.sql' },
      backfill: { batch: '002.batch.sql', undo: '002.batch.undo.sql' },
      switch: { sql: '002.switch.sql', undo: '002.switch.undo.sql', check: '002.check.sql' },
    },
  ],
};

export const settings: Fields = {
  configuration: [{ set: { limit: 2 } }],
  flags: [
    { flag: 'two-names', value: true },
    { flag: 'stop-checkout', value: false, killSwitch: true },
  ],
};

/** Everything there is to undo. */
export const everything: Fields = { ...migrations, ...settings };

/** The files that `migrations` names. */
export const files: { readonly [path: string]: string } = {
  '002.sql': 'alter table orders add first text',
  '002.undo.sql': 'alter table orders drop first',
  '002.check.sql': 'select 1 where false',
  '002.batch.sql': 'update orders set first = name where id in (select id from orders where first is null limit 100)',
  '002.batch.undo.sql': 'update orders set first = null where first is not null',
  '002.contract.sql': 'alter table orders drop name',
  '003.sql': 'alter table orders add note text',
  '003.undo.sql': 'alter table orders drop note',
};

/** The files that `switching` names. */
export const switchFiles: { readonly [path: string]: string } = {
  '002.sql': 'alter table orders add first text',
  '002.undo.sql': 'alter table orders drop first',
  '002.check.sql': 'select 1 where false',
  '002.batch.sql': 'update orders set first = name where id in (select id from orders where first is null limit 100)',
  '002.batch.undo.sql': 'update orders set first = null where first is not null',
  '002.switch.sql': 'create trigger first_counts before insert on orders for each row execute function first_counts()',
  '002.switch.undo.sql': 'drop trigger first_counts on orders',
};

/** One exposure that only an ending ends. */
export const endless: Fields = { stages: [{ canaryPercent: 25, bakeTime: '1h', minRequests: 5 }] };

/** A gate `go` before full exposure. */
export const gated = (gate: Fields = {}): Fields => ({
  stages: [],
  gates: { go: gate },
  fullExposure: { gate: 'go', rollbackWindow: '300ms', minRequests: 5 },
});
