import type { Environment } from '../environment/schema';
import type { Effect } from '../plan/effects';
import type { Refuse } from '../plan/refusal';
import { isPgrollPath, readPgrollFile, versionSchemaOf } from './read-file';
import { longestName, tablesOf, tablesToFill } from './triggers';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

const isRunByPgroll = ({ part, apply }: MigrateEffect): boolean =>
  part !== 'backfill' && part !== 'index' && isPgrollPath(apply.path);

/** Refuses parts that pgroll could not do one after the other; `migrations` are those of databases that it migrates. */
export function checkPgroll(migrations: readonly MigrateEffect[], environment: Environment, refuse: Refuse): void {
  const refusePart = (message: string, fix: string) => refuse({ code: 'pgroll-parts', kind: 'invalid', message, fix });
  const files = migrations.filter(isRunByPgroll);
  for (const target of new Set(files.map((effect) => effect.target))) {
    const started = files.filter((effect) => effect.target === target && effect.part === 'expand');
    if (started.length > 1)
      refusePart(
        `${started.map(({ apply }) => apply.path).join(' and ')} are both started at ${target}, and pgroll has one migration in progress.`,
        'Put the operations into one file, or into two releases with the contract of the first between them.',
      );
  }
  for (const effect of files) {
    const schema = schemaOf(effect, environment);
    if (schema !== undefined && new TextEncoder().encode(schema).length > longestName)
      refusePart(
        `${effect.apply.path} makes the schema ${schema}, which PostgreSQL cuts after ${longestName} bytes: no search path would be equal to it, and every client would count as one of the old version.`,
        'Give the file, or its `version_schema`, a shorter name.',
      );
    const { key, part, migration, target, apply, undo } = effect;
    if (part === 'expand' && 'path' in undo && undo.path !== apply.path)
      refusePart(
        `The undo of ${key} is ${undo.path}, and pgroll takes back what ${apply.path} itself says.`,
        `Name ${apply.path} as the undo too.`,
      );
    if (part !== 'contract') continue;
    const expand = migrations.find(
      (each) => each.part === 'expand' && each.migration === migration && each.target === target,
    );
    if (expand?.apply.sha256 !== apply.sha256)
      refusePart(
        `${key} completes ${apply.path}, and that is not what the migration starts (${expand?.apply.path ?? 'it has no expand'}).`,
        'Name the same file under `expand` and `contract`.',
      );
  }
}

/** The schema that clients of the new version see; undefined where the file cannot be read. */
function schemaOf({ target, apply }: MigrateEffect, { targets }: Environment): string | undefined {
  const database = targets[target];
  const read = readPgrollFile(apply);
  const tool = database?.kind === 'postgres' ? database.tool : undefined;
  return tool?.kind === 'pgroll' && read.ok ? versionSchemaOf(tool.schema, read.file) : undefined;
}

/** What nobody can guard at a part of pgroll, for people to read before the start. */
export function warnPgroll(
  effect: MigrateEffect,
  migrations: readonly MigrateEffect[],
  { targets }: Environment,
): readonly string[] {
  const target = targets[effect.target];
  const tool = target?.kind === 'postgres' ? target.tool : undefined;
  const read = readPgrollFile(effect.apply);
  if (!isRunByPgroll(effect) || !read.ok || tool?.kind !== 'pgroll') return [];
  const { file } = read;
  const { key, part, apply, migration } = effect;
  const schema = versionSchemaOf(tool.schema, file);
  const [table = 'TABLE'] = tablesOf(file);
  if (part === 'contract')
    return [
      `${key} is \`pgroll complete\`: there is no rollback after it. It drops the old form and the old version schema at once, so stop the old version first. Sessions that use them are looked for during one second; ` +
        'one that is idle then, with a search path that it has set itself, is not seen. Writes in flight may fail for some milliseconds, and no copy is kept.',
    ];
  const isCompleted = migrations.some((each) => each.part === 'contract' && each.migration === migration);
  return [
    `${apply.path}: the new version must connect with search_path = ${schema}, exactly and alone: pgroll takes every other session for one of the old version, also one that writes ${schema}.${table} with its schema, and overwrites the new form without a word.`,
    ...(tablesToFill(file).length > 0
      ? [
          `${apply.path}: pgroll fills old rows while it starts, ${tool.batchRows} at a time; neither the lag of replicas nor guardrails slow it down.`,
        ]
      : []),
    ...(isCompleted
      ? []
      : [
          `${apply.path} is completed by no \`contract\`: pgroll starts no other migration of ${effect.target} before that.`,
        ]),
  ];
}
