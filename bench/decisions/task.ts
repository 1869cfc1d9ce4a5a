import { runCell, type CellResult, type CellTask } from './cell';
import { runCoverage, type CoverageResult, type CoverageTask } from './coverage';

/** What a thread can be asked for. */
export type Task =
  { readonly kind: 'cell'; readonly asked: CellTask } | { readonly kind: 'coverage'; readonly asked: CoverageTask };
export type Result =
  { readonly kind: 'cell'; readonly found: CellResult } | { readonly kind: 'coverage'; readonly found: CoverageResult };

export const answer = (task: Task): Result =>
  task.kind === 'cell'
    ? { kind: 'cell', found: runCell(task.asked) }
    : { kind: 'coverage', found: runCoverage(task.asked) };
