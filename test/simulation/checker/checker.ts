import type { GateMessage, StuckMessage } from '../../../src/core/release/messages';
import type { Proof } from '../../../src/core/release/proof';
import type { ReleaseState } from '../../../src/core/release/state';
import type { Attempt, Task } from '../server/activity';
import type { Outcome } from '../server/failures';
import type { Closing } from '../server/setting';
import { shareOf } from '../world';
import { checkLate, checkScheduled, keyOf, undoes } from './effects';
import { checkAtRest, checkClosed } from './endings';
import { checkEvidence } from './evidence';
import { checkOwnWord } from './own-word';
import { checkLogins } from './logins';
import { checkRise } from './rises';
import { checkBroughtBack, noteLoss } from './losses';
import { fail, newStory, type Subject } from './story';
import { checkUndo } from './undoing';

type Said = { readonly id?: unknown; readonly by?: unknown; readonly why?: unknown };

const isOfStore = (what: string): boolean => ['publish', 'role'].some((kind) => what.startsWith(kind));

/** Watches a simulated release from outside and says what must never be; it trusts nothing the workflow says of the world. */
/** The guard of an ending keeps its split for ten minutes; nobody can promise anything about what lands later. */
const guardedForMs = 600_000;

export function createChecker(subject: Subject) {
  const story = newStory(subject);
  const { world, roles, nowMs } = subject;

  return {
    broken: story.broken,
    ending: () => story.ending,
    fail: (what: string) => fail(story, what),
    isPromoted: () => story.isPromoteDelivered,
    onChange(what: string, writer: Attempt | undefined): void {
      const isLate = writer !== undefined && !writer.isWanted();
      if (writer === undefined) story.incidents += 1;
      if (isLate && !isOfStore(what)) {
        checkLate(story, writer, story.askedAtMs.has(writer));
        story.wasLate = true;
        story.lastLateAtMs = nowMs();
        story.wasLateSinceProof = true;
        story.wasLateBehindGuard ||= nowMs() > story.endedAtMs + guardedForMs;
      }
      const now = shareOf(world, roles.canary);
      if (now > story.share) checkRise(story, now, writer);
      story.share = now;
      checkLogins(story);
      if (isLate || writer === undefined) return;
      checkUndo(story, what);
    },
    /** The server told an attempt that it is still wanted. */
    onAsked(attempt: Attempt): void {
      story.askedAtMs.set(attempt, nowMs());
    },
    onScheduled(task: Task): void {
      if (task.type === 'observe') story.watches.add(task);
      checkScheduled(story, task);
    },
    onDelivered(task: Task, outcome: Outcome): void {
      story.watches.delete(task);
      if (task.type === 'observe' && outcome.kind === 'completed') {
        story.isWatchDone = true;
        if (!story.isPromoteDelivered) story.mustNotPromote ??= 'the watch turned it back';
      }
      if (task.type === 'recordRole' && outcome.kind === 'failed') story.isRoleRefused = true;
      if (outcome.kind !== 'completed') return;
      if (task.type === 'promoteCanary') story.isPromoteDelivered = true;
      if (undoes(task)) story.undone.add(keyOf(task));
      if (task.type !== 'prove') return;
      story.proof = outcome.value as Proof;
      // The workflow may be told of it long after it was taken.
      story.wasLateSinceProof = story.lastLateAtMs >= task.scheduledAtMs;
    },
    onMessage(name: string): void {
      if (name !== 'abort' && name !== 'cancel') return;
      story.isAborted = true;
      if (!story.isPromoteDelivered) story.mustNotPromote ??= name;
    },
    /** What the workflow may rely on from now on. */
    onHeard(name: string, payload: unknown): void {
      const said = (typeof payload === 'object' && payload !== null ? payload : {}) as Said;
      if (name === 'approve' && typeof said.by === 'string') story.approvals.push(payload as GateMessage);
      if (name === 'resume') story.isPaused = false;
      if (name === 'waive' && typeof said.by === 'string') story.waivers.push(payload as StuckMessage);
      if (name !== 'watched') return;
      const notice = payload as { readonly class?: string; readonly stageId?: string } | null;
      if (notice?.class === 'advance') story.advanced.add(notice.stageId ?? '');
    },
    /** After every workflow task of the release. */
    afterTask(state: ReleaseState): void {
      if (state.failure !== undefined) story.turnedAtMs ??= nowMs();
      checkOwnWord(story, state);
      story.isPaused = state.paused !== undefined;
    },
    onClosed(closing: Closing, state: ReleaseState): void {
      story.watches.clear();
      if (closing.kind === 'completed' || closing.kind === 'failed') checkClosed(story, closing, state);
    },
    /** Its run was terminated; `state` is what its history says. */
    onLost: (state: ReleaseState | undefined): void => noteLoss(story, state),
    /** Whether nothing has come of the release yet, so that somebody has to recover it. */
    isStillLost: () => story.lost !== undefined && story.ending === undefined,
    atRest(): void {
      checkEvidence(story);
      checkAtRest(story);
      checkBroughtBack(story);
    },
  };
}

export type Checker = ReturnType<typeof createChecker>;
