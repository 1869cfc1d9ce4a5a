import { Client } from 'pg';
import type { Descriptor } from '../release-run';

type Migration = NonNullable<Descriptor['migrations']>[number];

/** A migration of the sample shop that version 1 lives with. */
export const addNote = {
  id: 'add-note',
  expand: {
    sql: 'db/003-add-note.expand.sql',
    undo: 'db/003-add-note.expand.undo.sql',
    check: 'db/003-add-note.expand.check.sql',
  },
} satisfies Migration;

/** Ways in which somebody else changes the schema of the shop, each with its way back and what is told of it. */
export const schemaChanges = [
  {
    make: 'create index by_hand on orders (id)',
    takeBack: 'drop index by_hand',
    told: 'index public.by_hand is new',
  },
  {
    make: 'alter table orders add column by_hand text',
    takeBack: 'alter table orders drop column by_hand',
    told: 'column by_hand',
  },
  { make: 'create table by_hand (id int)', takeBack: 'drop table by_hand', told: 'table public.by_hand is new' },
] as const;

/** Runs SQL as somebody beside the engine would. */
export async function runByHand(dsn: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: dsn });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
