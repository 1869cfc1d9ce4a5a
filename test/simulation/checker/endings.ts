import type { ExposeStage } from '../../../src/core/plan/stages';
import type { ReleaseState } from '../../../src/core/release/state';
import type { Closing } from '../server/setting';
import { signatureOf } from '../world';
import { checkRefusedRecovery, overWhenLost } from './losses';
import { fail, isWaived, type Story } from './story';

type Ended = Extract<Closing, { kind: 'completed' | 'failed' }>;

function checkPromoted(story: Story): void {
  const { plan, world, roles, share, advanced } = story;
  const exposures = plan.stages.filter((stage): stage is ExposeStage => stage.kind === 'expose');
  if (story.mustNotPromote !== undefined) fail(story, `promoted after ${story.mustNotPromote}`);
  if (!story.isPromoteDelivered) fail(story, 'promoted without the slots changing roles');
  if (story.incidents === 0 && !story.wasLate && share !== 100)
    fail(story, `promoted with ${share} % on the new version`);
  if (world.role !== roles.canary && !story.isRoleRefused) fail(story, 'promoted and the role is not recorded');
  for (const stage of exposures) if (!advanced.has(stage.id)) fail(story, `promoted without evidence for ${stage.id}`);
}

function checkUndone(story: Story, ending: string, state: ReleaseState): void {
  const { world, roles, share, intended, undone, waived, wasLateSinceProof } = story;
  if (ending === 'Aborted' && !story.isAborted) fail(story, 'aborted by nobody');
  if (state.snapshot === undefined) {
    if (intended.size > 0) fail(story, 'ended without a way back after effects had begun');
    return;
  }
  if (story.proof?.isRestored !== true && !waived.has('proof')) fail(story, `${ending} without a proof that held`);
  for (const { effect } of story.proof?.left ?? [])
    if (state.compensations[effect]?.left === undefined && !waived.has(effect))
      fail(story, `${effect} was left and nobody was told`);
  for (const key of intended) if (!undone.has(key) && !waived.has(key)) fail(story, `${key} was never undone`);
  for (const key of undone)
    if (!intended.has(key) && !state.journal.some(({ effect }) => effect === key))
      fail(story, `${key} was undone and never intended`);
  if (share > 0 && !isWaived(story, 'expose') && !wasLateSinceProof)
    fail(story, `${ending} with ${share} % on the canary`);
  if (signatureOf(world) !== story.before && waived.size === 0 && !wasLateSinceProof && story.incidents === 0)
    fail(story, `${ending} and the world is not as before: ${signatureOf(world)}`);
  if (world.split[roles.baseline].state !== 'ready' && !isWaived(story, 'expose') && !wasLateSinceProof)
    fail(story, `${ending} with the baseline out of service`);
}

/** A release ends once, as what it says it is, and leaves either all of the new or nothing of it. */
export function checkClosed(story: Story, closing: Ended, state: ReleaseState): void {
  const ending = closing.kind === 'completed' ? 'Promoted' : closing.type;
  if (story.lost !== undefined && ending === 'Refused') return checkRefusedRecovery(story, story.lost, state);
  story.endings += 1;
  if (story.endings > 1) fail(story, 'the release ended twice');
  story.ending = ending;
  story.endedAtMs = story.nowMs();
  if (!['Promoted', 'RolledBack', 'Aborted', 'Refused'].includes(ending)) fail(story, `it ended as ${ending}`);
  if (ending !== state.phase) fail(story, `it ended as ${ending} and says ${state.phase}`);
  if (ending === 'Promoted') return checkPromoted(story);
  if (ending !== 'Refused') return checkUndone(story, ending, state);
  if (story.intended.size > 0) fail(story, 'refused after effects had begun');
}

/** When nothing moves any more: late writers have written, repairs are done. */
export function checkAtRest(story: Story): void {
  const { ending, share } = story;
  if (
    ending !== undefined &&
    ending !== 'Promoted' &&
    ending !== overWhenLost &&
    share > 0 &&
    !isWaived(story, 'expose') &&
    !story.wasLateBehindGuard
  )
    fail(story, `at rest ${share} % of the users are on a version that was ${ending}`);
}
