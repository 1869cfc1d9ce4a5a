import type { LockMode, TakenLock } from '../core/plan/sql-report';

/** For how long a lock lasts beyond the moment: what the statement does with the rows meanwhile. */
export type LockWork = 'scans the table' | 'rewrites the table' | 'builds the index' | 'fills the view' | 'rows';

/** From weak to strong, as the manual orders them (PostgreSQL manual, "Table-Level Locks"). */
const strengths: readonly LockMode[] = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
];

export const stronger = (a: LockMode, b: LockMode): LockMode => (strengths.indexOf(a) >= strengths.indexOf(b) ? a : b);

/** Whether writers of the table wait while it is held. */
export const stopsWriters = (mode: LockMode): boolean => strengths.indexOf(mode) >= strengths.indexOf('SHARE');

const waiting: { readonly [mode in LockMode]: string } = {
  'ACCESS SHARE': 'blocks no reads and no writes',
  'ROW SHARE': 'blocks no reads and no writes but those of the same rows',
  'ROW EXCLUSIVE': 'blocks no reads and no writes but those of the same rows',
  'SHARE UPDATE EXCLUSIVE': 'blocks no reads and no writes, only vacuum and other changes of the schema',
  SHARE: 'blocks writes',
  'SHARE ROW EXCLUSIVE': 'blocks writes',
  EXCLUSIVE: 'blocks writes',
  'ACCESS EXCLUSIVE': 'blocks reads and writes',
};

/** A lock with what it means for others, in words. */
export function taken(relation: string, mode: LockMode, work?: LockWork): TakenLock {
  const words = waiting[mode];
  const howLong = work === undefined || work === 'rows' ? 'for a moment' : `while it ${work}`;
  const isQuiet = !stopsWriters(mode) && (work === undefined || work === 'rows');
  return { relation, mode, blocks: isQuiet ? words : `${words} ${howLong}` };
}
