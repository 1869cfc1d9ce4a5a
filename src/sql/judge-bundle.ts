import { setImmediate } from 'node:timers/promises';
import type { Node } from 'libpg-query';
import type { Issue } from '../core/descriptor/issue';
import type { Descriptor } from '../core/descriptor/schema';
import { judgePgroll } from '../core/pgroll/judge';
import { lossesOf } from '../core/plan/reconcile';
import { sqlReportKey, type SqlReport, type SqlReports, type SqlRole } from '../core/plan/sql-report';
import { judgeStatements, unread } from './judge';
import { parseSql, type SqlText } from './parse';
import { dbmateSection, toolOf } from './tool-file';

type SqlBundle = { readonly descriptor: Descriptor; readonly files: { readonly [path: string]: string } };

/** Judges all SQL of a bundle, each file in each role that the descriptor gives it. */
export async function judgeBundle({ descriptor, files: texts }: SqlBundle): Promise<SqlReports> {
  const reports: { [key: string]: SqlReport } = {};
  for (const files of filesOf(descriptor)) {
    // Those of one migration, in the order in which they run: what one makes, the next ones know.
    const before: Node[] = [];
    for (const { role, path, made } of files) {
      const key = sqlReportKey(role, path);
      const sql = made ?? (Object.hasOwn(texts, path) ? texts[path] : undefined);
      if (sql === undefined || Object.hasOwn(reports, key)) continue;
      const { report, nodes } = await judgeFile({ path, sql }, role, before);
      reports[key] = report;
      if (role === 'expand' || role === 'switch') before.push(...nodes);
      // Whoever shares the process, such as the watch of another release, goes first.
      await setImmediate();
    }
  }
  return reports;
}

async function judgeFile(
  file: SqlText,
  role: SqlRole,
  before: readonly Node[],
): Promise<{ readonly report: SqlReport; readonly nodes: readonly Node[] }> {
  const tool = toolOf(file, role);
  if (tool === 'pgroll') return { report: judgePgroll(file, role), nodes: [] };
  // Its code is nobody's to read.
  if (tool === 'umzug') return { report: { ...unread([]), tool }, nodes: [] };
  const text = tool === undefined ? file : { ...file, sql: dbmateSection(file.sql, role) };
  const parsed = await parseSql(text);
  if (!parsed.ok) return { report: { ...unread(parsed.issues), ...(tool === undefined ? {} : { tool }) }, nodes: [] };
  const report = await judgeStatements(parsed.value, { file: text, role, before });
  return {
    report: { ...report, ...(tool === undefined ? {} : { tool }) },
    nodes: parsed.value.map(({ node }) => node),
  };
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

/** The files of each migration, and those of the invariants. */
function filesOf({ migrations, invariants }: Descriptor): readonly (readonly SqlInRole[])[] {
  const parts = migrations.map(({ id, expand, backfill, indexes, switch: turn, contract, reconcile }) => [
    ...(expand === undefined ? [] : partFiles('expand', expand.sql, expand)),
    ...(backfill === undefined ? [] : partFiles('backfill', backfill.batch, backfill)),
    ...indexes.map((path) => ({ role: 'index' as const, path })),
    ...(turn === undefined ? [] : partFiles('switch', turn.sql, turn)),
    ...(contract === undefined ? [] : partFiles('contract', contract.sql, contract)),
    ...reconcile.map((rule) => {
      const { path, sql } = lossesOf({ ...rule, id: `${id}/${rule.id}` });
      return { role: 'check' as const, path, made: sql };
    }),
  ]);
  return [...parts, invariants.map(({ query }) => ({ role: 'check' as const, path: query }))];
}

type PartFiles = { readonly undo: unknown; readonly check?: string | undefined; readonly losses?: string | undefined };

const partFiles = (role: SqlRole, path: string, { undo, check, losses }: PartFiles) => [
  { role, path },
  ...(typeof undo === 'string' ? [{ role: 'undo' as const, path: undo }] : []),
  ...[check, losses].flatMap((path) => (path === undefined ? [] : [{ role: 'check' as const, path }])),
];
