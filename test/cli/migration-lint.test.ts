import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from '../../src/cli/program';
import type { Change } from '../../src/core/migration-writer/change';
import {
  readNewColumn,
  renameColumn,
  requireColumn,
  retypeColumn,
  splitColumn,
} from '../../src/core/migration-writer/changes';
import { migrationEntry, migrationFiles } from '../../src/core/migration-writer/files';
import { createTestIo } from '../support/test-io';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'spillway-written-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const descriptor = (entry: string): string => `apiVersion: spillway/v1
service: shop
version: '2.0.0'
environment: local
hypothesis: { change: a column has another form, keep: every order can be read }
owners: { lead: shop-team }
stages:
  - { canaryPercent: 5 }
migrations:
${entry}`;

const subject = {
  id: 'change',
  table: { schema: 'public', name: 'orders' },
  key: 'id',
  grants: [],
  indexes: [{ method: 'btree', isUnique: false, columns: ['note'] }],
};
const note = { name: 'note', type: 'text', isRequired: false };
const changes: readonly (readonly [string, Change])[] = [
  ['rename', renameColumn({ ...subject, old: note }, 'remark')],
  ['not-null', requireColumn({ ...subject, old: note }, 'remark', `''`)],
  ['retype', retypeColumn({ ...subject, old: { ...note, type: 'integer' } }, { to: 'wide', type: 'bigint' })],
  [
    'split',
    splitColumn(
      { ...subject, old: { ...note, isRequired: true } },
      [
        readNewColumn(`first text not null = split_part({note}, ' ', 1)`, 'note'),
        readNewColumn(`rest text not null = substr({note}, length(split_part({note}, ' ', 1)) + 2)`, 'note'),
      ],
      `rtrim({first} || ' ' || {rest})`,
    ),
  ],
  ['hostile', renameColumn({ ...subject, table: { schema: 'public', name: 'Odd "t' }, old: note }, 'a;b')],
  ['repeated', renameColumn({ ...subject, old: note, isRepeated: true }, 'remark')],
];

it.each(changes)('what is written for a %s passes lint as it is', async (_what, change) => {
  const files = migrationFiles(change, 'db/change');
  await mkdir(path.join(folder, 'db'));
  for (const { path: name, text } of files) await writeFile(path.join(folder, name), text);
  await writeFile(path.join(folder, 'release.yaml'), descriptor(migrationEntry(change, 'db/change')));
  const test = createTestIo({ directory: folder, env: {} });
  const code = await runCli(['lint', path.join(folder, 'release.yaml')], test.io);
  expect(`${test.out()}${test.err()}`).toContain('a good descriptor');
  expect(code).toBe(0);
});
