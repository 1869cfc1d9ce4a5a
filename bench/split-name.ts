import type { Descriptor } from './release-run';

type Migration = NonNullable<Descriptor['migrations']>[number];

/** The sample shop's split of a name, up to its switch: what both forms need to stay in step. */
export const splitName = {
  id: 'split-name',
  expand: {
    sql: 'db/002-split-name.expand.sql',
    undo: 'db/002-split-name.expand.undo.sql',
    check: 'db/002-split-name.expand.check.sql',
  },
  backfill: {
    batch: 'db/002-split-name.backfill.sql',
    key: { table: 'public.orders', column: 'id', rows: 10_000 },
    undo: { skip: 'goes with expand' },
    check: 'db/002-split-name.backfill.check.sql',
  },
} satisfies Migration;
