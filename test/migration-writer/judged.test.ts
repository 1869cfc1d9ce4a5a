import { parse } from 'yaml';
import type { Change } from '../../src/core/migration-writer/change';
import { migrationEntry, migrationFiles } from '../../src/core/migration-writer/files';
import { readBundle } from '../../src/descriptor-files/read-bundle';
import { issuesOf } from '../../src/sql/judge-bundle';
import { judgeMigrations } from '../support/judge-migration';
import { changes } from './written';

/** What the rules find in a migration, pasted into a descriptor as it was printed. */
async function findings(change: Change): Promise<readonly string[]> {
  const migrations: unknown = parse(migrationEntry(change, 'db/x'));
  const files = Object.fromEntries(migrationFiles(change, 'db/x').map(({ path, text }) => [path, text]));
  const reports = await judgeMigrations(migrations, files);
  expect(Object.keys(reports).length).toBeGreaterThan(6);
  return issuesOf(reports).map(({ file, line, code }) => `${file}:${line} ${code}`);
}

test.each(Object.entries<Change>(changes))('the rules take a written %s', async (_, change) => {
  expect(await findings(change)).toEqual([]);
  expect(await findings({ ...change, isRepeated: true })).toEqual([]);
  expect(
    await findings({ ...change, indexes: [{ method: 'btree', isUnique: true, columns: [change.old.name] }] }),
  ).toEqual([]);
});

test.each(['2.0.0', '3.0.0'])('the rules take release %s of the sample shop', async (version) => {
  expect(await readBundle(`examples/shop/release-${version}.yaml`)).toMatchObject({ ok: true });
});
