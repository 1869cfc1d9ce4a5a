import type { Environment } from '../environment/schema';
import { checkPgroll, warnPgroll } from '../pgroll/check-plan';
import { isPgrollPath } from '../pgroll/read-file';
import type { Effect } from './effects';
import type { Refuse } from './refusal';
import { sqlReportKey, type SqlReport, type SqlReports } from './sql-report';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;

/** The migration tool of a database; undefined where Spillway runs every part itself. */
function toolAt({ targets }: Environment, name: string): SqlReport['tool'] {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  return target?.kind === 'postgres' ? target.tool?.kind : undefined;
}

/** The tool that runs a part; pgroll leaves plain SQL to Spillway. */
export function toolOf(environment: Environment, { target, apply }: MigrateEffect): SqlReport['tool'] {
  const tool = toolAt(environment, target);
  return tool === 'pgroll' && !isPgrollPath(apply.path) ? undefined : tool;
}

/** Refuses files of a tool that their database does not have, and says what a tool leaves unguarded. */
export function checkTools(
  migrations: readonly MigrateEffect[],
  { sql, environment }: { readonly sql: SqlReports; readonly environment: Environment },
  refuse: Refuse,
): readonly string[] {
  checkPgroll(
    migrations.filter((effect) => toolAt(environment, effect.target) === 'pgroll'),
    environment,
    refuse,
  );
  refuseMixedContract(migrations, environment, refuse);
  return migrations.flatMap((effect) => {
    const { key, part, target, apply } = effect;
    const written = sql[sqlReportKey(part, apply.path)]?.tool;
    const tool = toolAt(environment, target);
    if (written !== undefined && written !== tool)
      refuse({
        code: 'wrong-tool',
        kind: 'invalid',
        message: `${apply.path} is a file of ${written}, and target \`${target}\` has ${tool ?? 'no tool'}: its way back would run with it, or nothing of it.`,
        fix: `Write plain SQL with an undo of its own, or have \`tool: { kind: ${written} }\` set at the target in the environment.`,
      });
    if (written === 'pgroll') return warnPgroll(effect, migrations, environment);
    return [
      ...(written === 'umzug'
        ? [`${apply.path} is code and not SQL: nobody has read it, only its trial shows it.`]
        : []),
      ...(part === 'contract' && toolOf(environment, effect) !== undefined
        ? [
            `${key} is run by ${toolAt(environment, target) ?? ''}: nobody looks who still needs the old form, and no copy of it is kept.`,
          ]
        : []),
    ];
  });
}

/** The contract of a release is one workflow: with steps that can be taken back, or by tools that know none. */
function refuseMixedContract(migrations: readonly MigrateEffect[], environment: Environment, refuse: Refuse): void {
  const contract = migrations.filter(({ part }) => part === 'contract');
  const byTool = contract.find((effect) => toolOf(environment, effect) !== undefined);
  const careful = contract.find((effect) => toolOf(environment, effect) === undefined);
  if (byTool === undefined || careful === undefined) return;
  refuse({
    code: 'contract-mixed',
    kind: 'invalid',
    message: `${byTool.key} is run by ${toolOf(environment, byTool) ?? ''}, and ${careful.key} in steps that look for readers, keep a copy and can be taken back: one contract goes one way.`,
    fix: 'Release one of them after the other.',
  });
}
