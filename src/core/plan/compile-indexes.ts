import { sha256Hex } from '../canonical';
import type { Descriptor } from '../descriptor/schema';
import type { ReadFile } from './compile-effects';
import type { Effect } from './effects';
import { readIndexStatement } from './index-statement';
import type { Refuse } from './refusal';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** One effect an index: each is built, checked and dropped by itself. */
export function compileIndexes(
  { id, indexes }: Descriptor['migrations'][number],
  target: string | undefined,
  { readFile, refuse }: { readonly readFile: ReadFile; readonly refuse: Refuse },
): readonly MigrateEffect[] {
  return indexes.flatMap((path) => {
    const apply = readFile(path, `An index of migration \`${id}\``);
    if (target === undefined || apply === undefined) return [];
    const statement = readIndexStatement(apply.sql);
    if (statement === undefined) {
      refuse({
        code: 'not-an-index-build',
        kind: 'invalid',
        message: `${path}:1:1: migration \`${id}\` names it under \`indexes\`, and it is not \`create index concurrently NAME on TABLE …\`: anything else would block writers, or could not be found again to be dropped.`,
        fix: 'Write one such statement, with a name and without `if not exists`, and other SQL into `expand`.',
      });
      return [];
    }
    const sql = `drop index concurrently if exists ${statement.index}`;
    const undo = { path: `${path} (drop)`, sql, sha256: sha256Hex(sql) };
    return [{ kind: 'migrate', key: `migrate/${id}/index/${path}`, target, migration: id, part: 'index', apply, undo }];
  });
}
