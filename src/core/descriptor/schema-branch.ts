import type { z } from 'zod';
import { wantedKind } from './schema-words';

type SchemaIssue = z.core.$ZodIssue;

export type Branch =
  | { readonly kind: 'closest'; readonly index: number; readonly issues: readonly SchemaIssue[] }
  /** The value is of a kind that no branch takes. */
  | { readonly kind: 'none'; readonly wanted: readonly string[] };

/** The branch of a union that the writer most likely meant: the one with least to mend. */
export function chooseBranch(branches: readonly (readonly SchemaIssue[])[]): Branch {
  const wanted = branches.map(kindWanted);
  if (wanted.every((kind) => kind !== undefined)) return { kind: 'none', wanted: [...new Set(wanted)] };
  const ranked = branches
    .map((issues, index) => ({ issues, index, cost: issues.reduce((sum, issue) => sum + costOf(issue, branches), 0) }))
    .sort((a, b) => a.cost - b.cost);
  const [best] = ranked;
  if (best === undefined) return { kind: 'none', wanted: [] };
  return { kind: 'closest', index: best.index, issues: best.issues.map((issue) => withAllWords(issue, branches)) };
}

function kindWanted(issues: readonly SchemaIssue[]): string | undefined {
  const [issue] = issues;
  return issue?.code === 'invalid_type' && issue.path.length === 0 ? wantedKind(issue.expected) : undefined;
}

/** Whether some branch knows a key that this one does not. */
const isKnown = (key: string, branches: readonly (readonly SchemaIssue[])[]): boolean =>
  branches.some((issues) => !issues.some((issue) => issue.code === 'unrecognized_keys' && issue.keys.includes(key)));

function costOf(issue: SchemaIssue, branches: readonly (readonly SchemaIssue[])[]): number {
  if (issue.code === 'invalid_type') return issue.path.length === 0 ? 100 : 2;
  if (issue.code === 'invalid_value') return 10;
  if (issue.code !== 'unrecognized_keys') return 1;
  // A key that belongs to one branch says that this branch was meant, more than a wrong word says that it was not.
  return issue.keys.reduce((sum, key) => sum + (isKnown(key, branches) ? 11 : 3), 0);
}

/** A word that one branch refuses may be offered by another. */
function withAllWords(issue: SchemaIssue, branches: readonly (readonly SchemaIssue[])[]): SchemaIssue {
  if (issue.code !== 'invalid_value') return issue;
  const same = branches
    .flat()
    .flatMap((other) =>
      other.code === 'invalid_value' && other.path.join() === issue.path.join() ? other.values : [],
    );
  return { ...issue, values: [...new Set(same)] };
}
