import { sha256Hex } from '../canonical';
import type { Descriptor } from '../descriptor/schema';
import type { ReadFile } from './compile-effects';
import type { Effect } from './effects';
import { refuseSql } from './compile-sql';
import type { Refuse } from './refusal';
import { sqlReportKey, type SqlReports } from './sql-report';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** One effect an index: each is built, checked and dropped by itself. */
export function compileIndexes(
  { id, indexes }: Descriptor['migrations'][number],
  target: string | undefined,
  { readFile, sql, refuse }: { readonly readFile: ReadFile; readonly sql: SqlReports; readonly refuse: Refuse },
): readonly MigrateEffect[] {
  return indexes.flatMap((path) => {
    const apply = readFile(path, `An index of migration \`${id}\``);
    if (target === undefined || apply === undefined) return [];
    const report = sql[sqlReportKey('index', path)];
    if (report?.builds === undefined) {
      for (const issue of report?.issues ?? []) refuseSql(issue, refuse);
      return [];
    }
    const drop = `drop index concurrently if exists ${report.builds}`;
    const undo = { path: `${path} (drop)`, sql: drop, sha256: sha256Hex(drop) };
    return [{ kind: 'migrate', key: `migrate/${id}/index/${path}`, target, migration: id, part: 'index', apply, undo }];
  });
}
