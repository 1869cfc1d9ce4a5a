import type { ReleaseState } from '../../../src/core/release/state';
import { showsPromotion } from '../world';
import { fail, type Story } from './story';

/** What a release ended as whose run was terminated when it was promoted, or had ended already. */
export const overWhenLost = 'over when lost';

/** From here on nothing goes forward any more, and whatever was undone or waived counts anew. */
export function noteLoss(story: Story, state: ReleaseState | undefined): void {
  const isOver = state !== undefined && (state.phase === 'Promoted' || state.endedAtMs !== undefined);
  story.lost = { isOver: isOver || story.lost?.isOver === true };
  story.turnedAtMs ??= story.nowMs();
  story.mustNotPromote ??= 'its run was terminated';
  story.isPaused = false;
  story.proof = undefined;
  story.counted.clear();
  story.undone.clear();
  story.waived.clear();
}

/** A recovery is refused where nothing is to be taken back; one that could not look is tried again. */
export function checkRefusedRecovery(
  story: Story,
  { isOver }: { readonly isOver: boolean },
  state: ReleaseState,
): void {
  if (state.refusals.some(({ code }) => code === 'target-refuses')) return;
  story.ending = overWhenLost;
  if (story.intended.size > 0 && !isOver && !showsPromotion(story.world, story.roles))
    fail(
      story,
      `a recovery was refused with everything to undo: ${state.refusals.map(({ message }) => message).join()}`,
    );
}

/** Whoever loses a release and has it recovered gets an ending. */
export function checkBroughtBack(story: Story): void {
  if (story.lost !== undefined && story.ending === undefined) fail(story, 'it was lost and never brought back');
}
