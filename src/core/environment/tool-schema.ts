import { z } from 'zod';
import { durationText } from '../texts';

const plainName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write letters, digits and _ only');
const lowerName = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'write lower-case letters, digits and _ only');
const toolCommand = z.array(z.string().min(1)).min(1);
/** Who runs expand and contract of a database, and how it is called. */
export const migrationTool = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('dbmate'),
      command: toolCommand.default(['dbmate']).describe('How dbmate is called.'),
      table: plainName.default('schema_migrations').describe('Where dbmate notes its versions, in schema public.'),
    }),
    z.strictObject({
      kind: z.literal('umzug'),
      command: toolCommand.describe('The script that calls `umzug.runAsCLI()`, such as `[node, migrate.js]`.'),
      directory: z.string().min(1).describe('Where the command runs.'),
      migrations: z.string().min(1).default('migrations').describe('Where its migration files are, from there.'),
      table: plainName
        .default('SequelizeMeta')
        .describe('Where its storage notes the names applied, in schema public.'),
      column: plainName.default('name').describe('The column of that table that holds the name.'),
      urlVariable: plainName.default('DATABASE_URL').describe('The variable from which the script takes its database.'),
    }),
    z.strictObject({
      kind: z.literal('pgroll'),
      command: toolCommand.default(['pgroll']).describe('How pgroll is called.'),
      schema: lowerName.default('public').describe('The schema that it migrates; versions are `SCHEMA_NAME`.'),
      stateSchema: lowerName.default('pgroll').describe('Where pgroll keeps its own tables.'),
      batchRows: z.number().int().min(1).max(1_000_000).default(1_000).describe('Rows of one batch of its backfill.'),
      batchDelay: durationText.default('0ms').describe('The pause after every batch; nothing else throttles it.'),
      timeout: durationText.default('6h').describe('How long one command may take; then it is killed.'),
    }),
  ])
  .describe('A migration tool that runs expand and contract instead of Spillway.');
