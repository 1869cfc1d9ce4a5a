import type { Environment } from '../environment/schema';
import type { Effect } from './effects';
import type { Refuse } from './refusal';
import { sqlReportKey, type SqlReport, type SqlReports } from './sql-report';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** The migration tool of a database; undefined where Spillway runs every part itself. */
export function toolAt({ targets }: Environment, name: string): SqlReport['tool'] {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  return target?.kind === 'postgres' ? target.tool?.kind : undefined;
}

/** Refuses files of a tool that their database does not have, and says what a tool leaves unguarded. */
export function checkTools(
  migrations: readonly MigrateEffect[],
  { sql, environment }: { readonly sql: SqlReports; readonly environment: Environment },
  refuse: Refuse,
): readonly string[] {
  return migrations.flatMap(({ key, part, target, apply }) => {
    const written = sql[sqlReportKey(part, apply.path)]?.tool;
    const tool = toolAt(environment, target);
    if (written !== undefined && written !== tool)
      refuse({
        code: 'wrong-tool',
        kind: 'invalid',
        message: `${apply.path} is a file of ${written}, and target \`${target}\` has ${tool ?? 'no tool'}: its way back would run with it, or nothing of it.`,
        fix: `Write plain SQL with an undo of its own, or have \`tool: { kind: ${written} }\` set at the target in the environment.`,
      });
    return [
      ...(written === 'umzug'
        ? [`${apply.path} is code and not SQL: nobody has read it, only its trial shows it.`]
        : []),
      ...(part === 'contract' && tool !== undefined
        ? [`${key} is run by ${tool}: nobody looks who still needs the old form, and no copy of it is kept.`]
        : []),
    ];
  });
}
