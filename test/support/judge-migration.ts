import { descriptorSchema } from '../../src/core/descriptor/schema';
import type { SqlReports } from '../../src/core/plan/sql-report';
import { judgeBundle } from '../../src/sql/judge-bundle';

/** What is found in the files that a descriptor with these migrations names. */
export function judgeMigrations(migrations: unknown, files: { readonly [path: string]: string }): Promise<SqlReports> {
  const descriptor = descriptorSchema.parse({
    apiVersion: 'spillway/v1',
    service: 'shop',
    version: '2.0.0',
    environment: 'test',
    hypothesis: { change: 'Orders have notes.', keep: 'Orders go through.' },
    owners: { lead: 'Ada' },
    migrations,
  });
  return judgeBundle({ descriptor, files });
}

type Texts = { readonly expand: string; readonly backfill?: string; readonly contract?: string };

/** What is found in the files of one migration. */
export function judgeMigration({ expand, backfill, contract }: Texts): Promise<SqlReports> {
  const files = { expand, undo: 'select 1', ...(backfill && { backfill }), ...(contract && { contract }) };
  const undo = { skip: 'the undo of expand takes it away' };
  const migration = {
    id: 'a',
    expand: { sql: 'expand', undo: 'undo' },
    ...(backfill && { backfill: { batch: 'backfill', undo } }),
    ...(contract && { contract: { sql: 'contract', undo } }),
  };
  return judgeMigrations([migration], files);
}

/** The codes of what is refused in one of its files. */
export const codesOf = async (part: 'expand' | 'backfill' | 'contract', texts: Texts): Promise<readonly string[]> =>
  (await judgeMigration(texts))[`${part} ${part}`]?.issues.map(({ code }) => code) ?? [];
