import { setImmediate } from 'node:timers/promises';
import type { Issue } from '../core/descriptor/issue';
import type { Descriptor } from '../core/descriptor/schema';
import { judgePgroll } from '../core/pgroll/judge';
import { lossesOf } from '../core/plan/reconcile';
import { sqlReportKey, type SqlReport, type SqlReports, type SqlRole } from '../core/plan/sql-report';
import { judgeSql } from './judge';
import type { SqlText } from './parse';
import { dbmateSection, toolOf } from './tool-file';

type SqlBundle = { readonly descriptor: Descriptor; readonly files: { readonly [path: string]: string } };

/** Judges all SQL of a bundle, each file in each role that the descriptor gives it. */
export async function judgeBundle({ descriptor, files }: SqlBundle): Promise<SqlReports> {
  const reports: { [key: string]: SqlReport } = {};
  for (const { role, path, made } of rolesOf(descriptor)) {
    const key = sqlReportKey(role, path);
    const sql = made ?? (Object.hasOwn(files, path) ? files[path] : undefined);
    if (sql === undefined || Object.hasOwn(reports, key)) continue;
    reports[key] = await judgeFile({ path, sql }, role);
    // Whoever shares the process, such as the watch of another release, goes first.
    await setImmediate();
  }
  return reports;
}

async function judgeFile(file: SqlText, role: SqlRole): Promise<SqlReport> {
  const tool = toolOf(file, role);
  if (tool === undefined) return judgeSql(file, role);
  if (tool === 'pgroll') return judgePgroll(file, role);
  if (tool === 'umzug') return { issues: [], allowances: [], statements: [], tool };
  return { ...(await judgeSql({ ...file, sql: dbmateSection(file.sql, role) }, role)), tool };
}

/** Everything refused in a bundle, by file and place. */
export function issuesOf(reports: SqlReports): readonly Issue[] {
  const issues = Object.values(reports).flatMap((report) => report.issues);
  const once = new Map(issues.map((issue) => [`${issue.file}:${issue.line}:${issue.column} ${issue.code}`, issue]));
  return [...once.values()].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

type SqlInRole = {
  readonly role: SqlRole;
  readonly path: string;
  /** The text where no file holds it: it is made of what the descriptor says. */
  readonly made?: string;
};

function rolesOf({ migrations, invariants }: Descriptor): readonly SqlInRole[] {
  const parts = migrations.flatMap(({ id, expand, backfill, indexes, switch: turn, contract, reconcile }) => [
    ...(expand === undefined ? [] : filesOf('expand', expand.sql, expand)),
    ...(backfill === undefined ? [] : filesOf('backfill', backfill.batch, backfill)),
    ...indexes.map((path) => ({ role: 'index' as const, path })),
    ...(turn === undefined ? [] : filesOf('switch', turn.sql, turn)),
    ...(contract === undefined ? [] : filesOf('contract', contract.sql, contract)),
    ...reconcile.map((rule) => {
      const { path, sql } = lossesOf({ ...rule, id: `${id}/${rule.id}` });
      return { role: 'check' as const, path, made: sql };
    }),
  ]);
  return [...parts, ...invariants.map(({ query }) => ({ role: 'check' as const, path: query }))];
}

type PartFiles = { readonly undo: unknown; readonly check?: string | undefined; readonly losses?: string | undefined };

const filesOf = (role: SqlRole, path: string, { undo, check, losses }: PartFiles) => [
  { role, path },
  ...(typeof undo === 'string' ? [{ role: 'undo' as const, path: undo }] : []),
  ...[check, losses].flatMap((path) => (path === undefined ? [] : [{ role: 'check' as const, path }])),
];
