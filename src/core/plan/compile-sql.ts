import { formatIssue, type Issue } from '../descriptor/issue';
import type { Policy } from '../policy/schema';
import type { Effect, SqlFile } from './effects';
import type { Invariant } from './plan';
import { lossesOf, type ReconcileRule } from './reconcile';
import type { Refuse } from './refusal';
import { sqlReportKey, type SqlReport, type SqlReports, type SqlRole, type StatementLocks } from './sql-report';

/** The locks of one SQL file of the plan. */
export type FileLocks = {
  /** The effect that runs the file. */
  readonly effect: string;
  readonly role: SqlRole;
  readonly path: string;
  readonly statements: readonly StatementLocks[];
  /** Statements beyond those that are listed. */
  readonly more?: number;
};

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;
type Planned = {
  readonly migrations: readonly MigrateEffect[];
  readonly invariants: readonly Invariant[];
  readonly reconcile: readonly ReconcileRule[];
};
type Judged = { readonly effect: string; readonly role: SqlRole; readonly file: SqlFile; readonly report: SqlReport };

/** More of them tell nobody anything, and a message to Temporal has its bounds. */
const mostRefusals = 50;
const mostStatements = 100;

/** Refuses what is unsafe in its part, and what is allowed on purpose where the policy forbids it. */
export function checkSql(
  planned: Planned,
  { sql, policy }: { readonly sql: SqlReports; readonly policy: Policy },
  refuse: Refuse,
): { readonly locks: readonly FileLocks[]; readonly warnings: readonly string[] } {
  const files = judgedFiles(planned, sql);
  const issues = new Map(files.flatMap(({ report }) => report.issues).map((issue) => [formatIssue(issue), issue]));
  for (const [, issue] of [...issues].slice(0, mostRefusals)) refuseSql(issue, refuse);
  if (issues.size > mostRefusals) {
    const message = `${issues.size - mostRefusals} more places in SQL files are refused.`;
    refuse({ code: 'unsafe-sql', kind: 'invalid', message, fix: 'See all of them with `spillway lint`.' });
  }
  const allowances = [...new Map(files.flatMap(allowancesOf))];
  if (policy.migrations.allowances === 'refused') {
    for (const [where, { rule }] of allowances) {
      refuse({
        code: 'policy-floor',
        kind: 'denied',
        message: `${where} allows \`${rule}\`; policy \`${policy.name}\` takes no allowances in SQL files.`,
        fix: 'Write the statement in its safe way; `spillway lint` names it once the comment is gone.',
      });
    }
  }
  return {
    locks: files.flatMap(locksOf),
    warnings: allowances.map(([where, { rule, reason }]) => `${where} allows ${rule} on purpose: ${reason}`),
  };
}

/** Refuses one place in a SQL file. */
export function refuseSql(issue: Issue, refuse: Refuse): void {
  refuse({ code: 'unsafe-sql', kind: 'invalid', message: formatIssue(issue), fix: `${issue.fix}.` });
}

function judgedFiles({ migrations, invariants, reconcile }: Planned, sql: SqlReports): readonly Judged[] {
  const judged = (effect: string, role: SqlRole, file: SqlFile | undefined): readonly Judged[] => {
    if (file === undefined) return [];
    const report = sql[sqlReportKey(role, file.path)];
    if (report === undefined) throw new Error(`nobody has judged ${file.path} as ${role}`);
    return [{ effect, role, file, report }];
  };
  return [
    ...migrations.flatMap(({ key, part, apply, undo, check, losses = [] }) => [
      ...judged(key, part, apply),
      // The drop of an index is made here, and nobody's file.
      ...judged(key, 'undo', 'skip' in undo || part === 'index' ? undefined : undo),
      ...judged(key, 'check', check),
      ...losses.flatMap((query) => judged(key, 'check', query)),
    ]),
    ...invariants.flatMap(({ id, query }) => judged(`invariant/${id}`, 'check', query)),
    ...reconcile.flatMap((rule) => judged(`reconcile/${rule.id}`, 'check', lossesOf(rule))),
  ];
}

const allowancesOf = ({ file, report }: Judged) =>
  report.allowances.map((allowance) => [`${file.path}:${allowance.line}`, allowance] as const);

/** A check only reads. */
function locksOf({ effect, role, file, report: { statements } }: Judged): readonly FileLocks[] {
  if (role === 'check' || statements.length === 0) return [];
  const listed = { effect, role, path: file.path, statements: statements.slice(0, mostStatements) };
  return [statements.length > mostStatements ? { ...listed, more: statements.length - mostStatements } : listed];
}
