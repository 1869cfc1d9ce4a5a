import type { Node } from 'libpg-query';
import type { SqlRole } from '../../core/plan/sql-report';
import type { SqlStatement } from '../parse';
import type { FileStory } from '../story';

/** A statement about to be judged, with what stands around it in its file. */
export type Judged = {
  readonly node: Node;
  readonly statement: SqlStatement;
  readonly role: SqlRole;
  readonly story: FileStory;
};

/** One place where a rule is broken. */
export type Hit = {
  /** What the statement does, as the beginning of a sentence: `set not null on orders.note`. */
  readonly subject: string;
  /** A `location` of the parsed tree; where the statement begins when left out. */
  readonly location?: number | undefined;
  /** An offset into the file, where the tree has no location. */
  readonly offset?: number | undefined;
};

/** One danger that a file must not hold in its part. */
export type Rule = {
  /** Stable name in words, which an allowance names. */
  readonly code: string;
  readonly roles: readonly SqlRole[];
  /** The rest of the sentence that `subject` begins: why it is refused. */
  readonly danger: string;
  /** The safe way to the same end. */
  readonly instead: string;
  /** False where a reason could not make it work. */
  readonly mayBeAllowed?: false;
  readonly hits: (judged: Judged) => readonly Hit[];
};

/** While the old version serves and the release may still turn back. */
export const early: readonly SqlRole[] = ['expand', 'switch'];
/** Whatever changes the schema under live traffic. */
export const changing: readonly SqlRole[] = ['expand', 'switch', 'contract', 'undo'];
export const changingOrRows: readonly SqlRole[] = [...changing, 'backfill'];
export const every: readonly SqlRole[] = [...changingOrRows, 'check'];

export const hitWhen = (isHit: boolean, subject: string, location?: number): readonly Hit[] =>
  isHit ? [{ subject, location }] : [];
