import type { CompensationStatus } from './rollback-order';
import type { CompensationState } from './state';

/** How far an undo is, as people read it: one that left what somebody else threw is not called undone. */
export type UndoStatus = CompensationStatus | 'left';

export const undoStatusOf = ({ status, left }: CompensationState): UndoStatus =>
  status === 'verified' && left !== undefined ? 'left' : status;
