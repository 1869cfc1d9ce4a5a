import { formatIssue, type Parsed } from '../../../src/core/descriptor/issue';
import { minimal } from './minimal';

/** The issues of a refused text in short, or that it was accepted; several are joined by a bar. */
export function issueOf(parsed: Parsed<unknown>): { readonly issue: string; readonly fix: string } {
  const issues = parsed.ok ? [] : parsed.issues;
  expect(issues.every((issue) => !formatIssue(issue).includes('\n') && issue.message !== '')).toBe(true);
  return {
    issue: issues.map(({ line, column, code, path }) => `${line}:${column} ${code} ${path}`.trim()).join(' | '),
    fix: issues.map(({ fix }) => fix).join(' | '),
  };
}

/** The smallest descriptor with lines added from line 7 on. */
export const added = (lines: string): string => `${minimal}${lines}\n`;

/** The smallest descriptor without one of its lines. */
export const without = (line: string): string => instead(`${line}\n`, '');

/** The smallest descriptor with one of its lines changed. */
export function instead(line: string, other: string): string {
  if (!minimal.includes(line)) throw new Error(`there is no line ${line}`);
  return minimal.replace(line, () => other);
}
