import { z } from 'zod';
import { durationText } from '../texts';
import { bundleFile, sentence } from './base-texts';
import { name } from './name';

const skippedUndo = z
  .strictObject({ skip: sentence.describe('Why nothing has to be undone, or why it cannot be.') })
  .describe('Says on purpose that this part has no undo.');

const losses = bundleFile
  .optional()
  .describe(
    'A query of the rows that the undo could not keep, with their key first; asked before the undo. No row: nothing would be lost.',
  );

const expand = z.strictObject({
  sql: bundleFile.describe('SQL that adds the new form beside the old one.'),
  undo: bundleFile.describe('SQL that takes the new form away again.'),
  check: bundleFile.optional().describe('A query that returns no row when the part is right.'),
  losses,
});

const keyCursor = z
  .strictObject({
    table: z.string().min(1).max(200).describe('The table, as SQL names it: `public.orders`.'),
    column: z.string().min(1).max(63).describe('A column of it that is unique and never null, without quotes.'),
    rows: z.number().int().min(1).max(1_000_000).default(10_000).describe('The most rows of one batch.'),
  })
  .describe(
    'Goes along this key: the statement gets `$1`, where to begin (exclusive), and `$2`, where to end (inclusive).',
  );

const throttle = z
  .strictObject({
    statementTime: durationText.default('200ms').describe('A batch that takes longer halves the next one.'),
    replicaLag: durationText.default('10s').describe('The next batch waits while a replica is further behind.'),
    rest: durationText.default('0ms').describe('The pause after every batch.'),
  })
  .prefault({})
  .describe('How gently it goes. It also rests while the guardrails of the baseline fail or cannot be read.');

const backfill = z.strictObject({
  batch: bundleFile.describe(
    'One statement: run for each stretch of `key`; without `key` again until it changes no row.',
  ),
  key: keyCursor.optional(),
  throttle,
  undo: z
    .union([bundleFile, skippedUndo])
    .describe('SQL that takes the filled values away, or why that is not needed.'),
  check: bundleFile.optional().describe('A query that returns no row when every row is filled.'),
  losses,
});

const switchPart = z
  .strictObject({
    sql: bundleFile.describe('SQL that makes the new form the one that counts.'),
    undo: bundleFile.describe('SQL that makes the old form the one that counts again.'),
    check: bundleFile.optional().describe('A query that returns no row when the part is right.'),
    losses,
  })
  .describe('Runs right before full exposure, under the watch of the last stage.');

const contract = z.strictObject({
  sql: bundleFile.describe('SQL that removes the old form; runs only after the rollback window.'),
  undo: skippedUndo.describe('Contract goes forward only: say what makes that acceptable.'),
  check: bundleFile.optional().describe('A query that returns no row when the part is right.'),
});

const reconcile = z
  .strictObject({
    id: name,
    table: z
      .string()
      .max(130)
      .regex(/^[^\s".;()]+(\.[^\s".;()]+)?$/, 'write a table as `table` or `schema.table`, without quotes')
      .describe('The table, as the database names it.'),
    key: z
      .string()
      .max(63)
      .regex(/^[^\s".;()]+$/, 'write the name of one column, without quotes')
      .describe('A column that tells its rows apart.'),
    old: sentence.describe('SQL expression over a row: what the old form says.'),
    new: sentence.describe('SQL expression over a row: the same, as the new form says it.'),
  })
  .describe('Two forms of the same data that must agree while both live.');

/** One change of schema and data, in its parts. */
export const migrationSchema = z.strictObject({
  id: name.describe('Unique for ever in its database.'),
  database: name.optional().describe("Target that holds the data; the service's database when left out."),
  expand: expand.optional(),
  backfill: backfill.optional(),
  indexes: z
    .array(bundleFile.describe('One `create index concurrently NAME on …`.'))
    .max(20)
    .default([])
    .describe('Indexes to build after the backfill, one statement a file; their undo drops them.'),
  switch: switchPart.optional(),
  contract: contract.optional(),
  reconcile: z
    .array(reconcile)
    .max(20)
    .default([])
    .describe('What old and new form must agree on: compared before and after exposure, and in the proof.'),
});
