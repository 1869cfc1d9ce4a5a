import type { Descriptor } from '../descriptor/schema';
import type { Environment } from '../environment/schema';
import { sha256Hex } from '../canonical';
import { knownNames } from '../nearest-name';
import { compileIndexes } from './compile-indexes';
import { describedParts, sqlParts, type DescribedPart, type Effect, type SqlFile, type SqlPart } from './effects';
import type { Refuse } from './refusal';
import { lossesOf, type ReconcileRule } from './reconcile';
import { repeated } from './repeated';
import { sqlReportKey, type SqlReports } from './sql-report';
import type { ResolveTarget } from './targets';

type MigrationText = Descriptor['migrations'][number];
type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** A file of the bundle with its digest, or undefined after a refusal. */
export type ReadFile = (path: string, where: string) => SqlFile | undefined;

/** Reads the files that a descriptor names out of its bundle. */
export function fileReader(files: { readonly [path: string]: string }, refuse: Refuse): ReadFile {
  return (path, where) => {
    const sql = Object.hasOwn(files, path) ? files[path] : undefined;
    if (sql !== undefined) return { path, sql, sha256: sha256Hex(sql) };
    return refuse({
      code: 'missing-file',
      kind: 'invalid',
      message: `${where} names file \`${path}\`, which is not in the bundle. ${knownNames(path, Object.keys(files))}`,
      fix: 'Correct the path (relative to the descriptor), or create the file.',
    });
  };
}

/** The parts of all migrations in the order in which they run: every expand, then every backfill and so on. */
export function compileMigrations(
  migrations: readonly MigrationText[],
  read: { readonly file: ReadFile; readonly target: ResolveTarget; readonly sql: SqlReports },
  refuse: Refuse,
  reconcile: readonly ReconcileRule[] = [],
): readonly MigrateEffect[] {
  refuseBadIds(migrations, refuse);
  const targets = migrations.map(({ id, database }) =>
    read.target({ purpose: 'database', named: database, where: `Migration \`${id}\`` }),
  );
  const partOf = (part: SqlPart): readonly MigrateEffect[] =>
    migrations.flatMap((migration, index) => {
      const target = targets[index];
      if (part === 'index') return compileIndexes(migration, target, { readFile: read.file, sql: read.sql, refuse });
      const effect = compilePart(migration, part, { target, readFile: read.file, reconcile });
      if (part === 'backfill' && effect !== undefined)
        refuseWrongRange(migration, effect.apply, { sql: read.sql, refuse });
      return effect === undefined ? [] : [effect];
    });
  return sqlParts.flatMap(partOf);
}

function compilePart(
  migration: MigrationText,
  part: DescribedPart,
  {
    target,
    readFile,
    reconcile,
  }: {
    readonly target: string | undefined;
    readonly readFile: ReadFile;
    readonly reconcile: readonly ReconcileRule[];
  },
): MigrateEffect | undefined {
  const text = migration[part];
  if (text === undefined) return undefined;
  const where = `${part} of migration \`${migration.id}\``;
  const apply = readFile('batch' in text ? text.batch : text.sql, `The ${where}`);
  const undo = typeof text.undo === 'string' ? readFile(text.undo, `The undo of the ${where}`) : text.undo;
  const check = text.check === undefined ? undefined : readFile(text.check, `The check of the ${where}`);
  const named = 'losses' in text ? text.losses : undefined;
  const own = named === undefined ? undefined : readFile(named, `The losses of the ${where}`);
  // What both forms do not agree on is what an undo would lose, where nobody says it more exactly.
  const implied = reconcile.filter((rule) => rule.migration === migration.id).map(lossesOf);
  const isUndone = typeof text.undo === 'string' && part !== 'contract';
  const losses = own !== undefined ? [own] : isUndone && named === undefined ? implied : [];
  if (target === undefined || apply === undefined || undo === undefined) return undefined;
  return {
    kind: 'migrate',
    key: `migrate/${migration.id}/${part}`,
    target,
    migration: migration.id,
    part,
    apply,
    undo,
    ...(check === undefined ? {} : { check }),
    ...(losses.length === 0 ? {} : { losses }),
  };
}

/** Without its range every batch would go over the whole table, and without a key nobody gives the range. */
function refuseWrongRange(
  { id, backfill }: MigrationText,
  { path }: SqlFile,
  { sql, refuse }: { readonly sql: SqlReports; readonly refuse: Refuse },
): void {
  const report = sql[sqlReportKey('backfill', path)];
  // What does not parse is refused for that.
  if (report === undefined || report.issues.length > 0) return;
  const { parameters = [] } = report;
  const key = backfill?.key;
  if (key === undefined && parameters.length > 0) {
    refuse({
      code: 'backfill-without-key',
      kind: 'invalid',
      message: `The backfill of migration \`${id}\` has no \`key\`, and ${path} takes \`$${parameters[0]}\`: nobody would give it a value.`,
      fix: 'Add `key: { table: TABLE, column: COLUMN }` to the backfill, or write a statement that finds its rows itself.',
    });
  }
  if (key === undefined || (parameters.includes(1) && parameters.includes(2))) return;
  refuse({
    code: 'backfill-without-range',
    kind: 'invalid',
    message: `The backfill of migration \`${id}\` has a \`key\`, and ${path} does not use both \`$1\` and \`$2\`: every batch would go over the whole table.`,
    fix: `Write \`where ${key.column} > $1 and ${key.column} <= $2\` into the statement, or take \`key\` out.`,
  });
}

function refuseBadIds(migrations: readonly MigrationText[], refuse: Refuse): void {
  for (const id of repeated(migrations.map((migration) => migration.id))) {
    refuse({
      code: 'duplicate-migration',
      kind: 'invalid',
      message: `More than one migration has the id \`${id}\`; the ledger could not tell them apart.`,
      fix: 'Give every migration an id of its own.',
    });
  }
  for (const migration of migrations) {
    const { id, indexes } = migration;
    if (indexes.length > 0 || describedParts.some((part) => migration[part] !== undefined)) continue;
    refuse({
      code: 'empty-migration',
      kind: 'invalid',
      message: `Migration \`${id}\` has neither expand nor backfill nor indexes nor switch nor contract: it would do nothing.`,
      fix: 'Add a part, or take the migration out.',
    });
  }
}

/**
 * Where the configuration names the login in use, each release gives the canary that of the baseline, whatever it sets: the slot
 * may still hold what a release before the last rotation left there.
 */
export function withCopy(
  effects: readonly Effect[],
  { credentials, configuration }: Environment['services'][string],
): readonly Effect[] {
  const isThere = effects.some(({ target }) => target === configuration);
  if (credentials === undefined || configuration === undefined || isThere) return effects;
  return [...effects, { kind: 'configure', key: `configure/${configuration}`, target: configuration, set: {} }];
}

/** One effect a configuration target; entries for the same target are put together. */
export function compileConfiguration(
  entries: Descriptor['configuration'],
  resolveTarget: ResolveTarget,
  refuse: Refuse,
): readonly Effect[] {
  const byTarget = new Map<string, { [key: string]: string | number | boolean | null }>();
  for (const { target: named, set } of entries) {
    const target = resolveTarget({ purpose: 'configuration', named, where: 'An entry of `configuration`' });
    if (target === undefined) continue;
    const merged = byTarget.get(target) ?? {};
    for (const [key, value] of Object.entries(set)) {
      if (Object.hasOwn(merged, key) && merged[key] !== value) {
        refuse({
          code: 'conflicting-configuration',
          kind: 'invalid',
          message: `\`configuration\` sets \`${key}\` at target \`${target}\` twice, to different values.`,
          fix: 'Keep one of the two.',
        });
      }
      merged[key] = value;
    }
    byTarget.set(target, merged);
  }
  return [...byTarget]
    .filter(([, set]) => Object.keys(set).length > 0)
    .map(([target, set]) => ({ kind: 'configure', key: `configure/${target}`, target, set }));
}
