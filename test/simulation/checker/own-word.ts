import { isSecondController } from '../../../src/core/drift/other-writer';
import type { ReleaseState } from '../../../src/core/release/state';
import { fail, type Story } from './story';

/** A task may be given to several workers that die before one completes it. */
const overdueMs = 1_800_000;

function checkGates(story: Story, { gates }: ReleaseState): void {
  for (const [gate, { approvals: given }] of Object.entries(gates)) {
    const people = new Set(given.map(({ by }) => by));
    if (people.size !== given.length) fail(story, `gate ${gate} counts a person twice`);
    for (const { id, by } of given)
      if (!story.approvals.some((said) => said.id === id && said.by === by && said.gate === gate))
        fail(story, `gate ${gate} counts an approval of ${by} that nobody sent`);
  }
}

/** What people said is not forgotten, whichever run goes on with it. */
function checkMemory(story: Story, state: ReleaseState): void {
  const { counted } = story;
  const now = new Set(
    Object.entries(state.gates).flatMap(([gate, { approvals }]) => approvals.map(({ id }) => `${gate} ${id}`)),
  );
  for (const approval of counted) if (!now.has(approval)) fail(story, `approval ${approval} is forgotten`);
  for (const approval of now) counted.add(approval);
  if (story.isPaused && state.paused === undefined && state.failure === undefined)
    fail(story, 'the pause was lifted by nobody');
}

/** A gate that nobody opens turns the release back in time, however busy or dead the workers were. */
function checkGateClock(story: Story, { paused, gates, stage, failure }: ReleaseState): void {
  // The clock of a gate stands still in a pause.
  if (failure !== undefined || paused !== undefined) return;
  const lateMs = story.nowMs() - overdueMs;
  for (const { id, ...its } of story.plan.stages) {
    if (its.kind !== 'gate' || id !== stage || its.gate.onTimeout !== 'roll-back') continue;
    if ((gates[its.gate.name]?.deadlineMs ?? Infinity) < lateMs)
      fail(story, `gate ${its.gate.name} is open past its time`);
  }
}

function checkWaivers(story: Story, { compensations }: ReleaseState): void {
  for (const [effect, { status }] of Object.entries(compensations)) {
    if (status !== 'waived') continue;
    story.waived.add(effect);
    if (!story.waivers.some((said) => said.effect === undefined || said.effect === effect))
      fail(story, `${effect} counts as waived, and nobody waived it`);
  }
}

/** A share that cannot be held turns the release back. */
function checkController(story: Story, { otherWriter, failure, phase }: ReleaseState): void {
  const isPast = failure !== undefined || phase === 'Promoted' || story.isPromoteDelivered;
  if (!isPast && isSecondController(otherWriter))
    fail(story, `it goes on beside a second controller that was found ${otherWriter.count} times`);
}

/** What the workflow says of itself after a task must be what people sent and what may be. */
export function checkOwnWord(story: Story, state: ReleaseState): void {
  checkGates(story, state);
  checkMemory(story, state);
  checkGateClock(story, state);
  checkWaivers(story, state);
  checkController(story, state);
  if (state.phase !== 'Promoted') return;
  if (state.failure !== undefined) fail(story, 'promoted and turned back at once');
  if (story.mustNotPromote !== undefined) fail(story, `promoted after ${story.mustNotPromote}`);
}
