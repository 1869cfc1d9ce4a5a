import type { Attempt } from '../server/activity';
import { fail, type Story } from './story';

/** What the canary may have at most: the highest stage whose gates were opened by enough different people who may. */
function mostShare({ plan, approvals, requestedBy, advanced }: Story): number {
  let most = 0;
  for (const stage of plan.stages) {
    if (stage.kind === 'gate') {
      const { name, members, requesterMayApprove } = stage.gate;
      const people = new Set(
        approvals
          .filter(({ gate, by }) => gate === name && (members === undefined || members.includes(by)))
          .filter(({ by }) => requesterMayApprove || by !== requestedBy)
          .map(({ by }) => by),
      );
      if (people.size < stage.gate.approvals) return most;
    }
    if (stage.kind === 'expose') {
      most = stage.canaryPercent;
      if (!advanced.has(stage.id)) return most;
    }
    if (stage.kind === 'promote') return 100;
  }
  return most;
}

/** Nobody is exposed beyond what evidence and people allowed, nor again on the way back, nor unwatched. */
export function checkRise(story: Story, now: number, writer: Attempt | undefined): void {
  if (writer === undefined) return;
  const { turnedAtMs, nowMs, share } = story;
  const { type, scheduledAtMs } = writer.task;
  // The guard of the ending gives a promoted version its users back.
  if (type === 'restoreEnding' && story.ending === 'Promoted') return;
  const how = `${type} at ${nowMs()} raised the canary from ${share} to ${now} %`;
  const askedMs = story.askedAtMs.get(writer) ?? -Infinity;
  // Nothing can stop a write whose question was answered before the turn; it is closed again behind it.
  if (turnedAtMs !== undefined && askedMs <= turnedAtMs) {
    if (scheduledAtMs > turnedAtMs) fail(story, `${how}, scheduled after the release turned back`);
    return;
  }
  if (turnedAtMs !== undefined) return fail(story, `${how} after the release turned back`);
  if (!writer.isWanted()) return;
  if (!['exposeCanary', 'restoreSplit', 'promoteCanary'].includes(type)) fail(story, `${how}: it may not`);
  const most = mostShare(story);
  if (now > most + 0.001) fail(story, `${how}, and at most ${most} % are allowed`);
  if (story.watches.size === 0 && !story.isWatchDone) fail(story, `${how}, and nobody watches`);
}
