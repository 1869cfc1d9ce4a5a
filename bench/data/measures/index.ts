import type { Measure } from '../measure';
import { backfill } from './backfill';
import { kill } from './kill';
import { kills } from './kills';
import { rollback } from './rollback';
import { typeChange } from './type-change';

/** All measures, in the order they run. A new one is a file here, a line in this list, its bars, and its place in the page. */
export const measures: readonly Measure[] = [backfill, kill, typeChange, rollback, kills];
