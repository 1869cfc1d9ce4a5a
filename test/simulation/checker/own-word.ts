import type { ReleaseState } from '../../../src/core/release/state';
import { fail, type Story } from './story';

function checkGates(story: Story, { gates }: ReleaseState): void {
  for (const [gate, { approvals: given }] of Object.entries(gates)) {
    const people = new Set(given.map(({ by }) => by));
    if (people.size !== given.length) fail(story, `gate ${gate} counts a person twice`);
    for (const { id, by } of given)
      if (!story.approvals.some((said) => said.id === id && said.by === by && said.gate === gate))
        fail(story, `gate ${gate} counts an approval of ${by} that nobody sent`);
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

/** What the workflow says of itself after a task must be what people sent and what may be. */
export function checkOwnWord(story: Story, state: ReleaseState): void {
  checkGates(story, state);
  checkWaivers(story, state);
  if (state.phase !== 'Promoted') return;
  if (state.failure !== undefined) fail(story, 'promoted and turned back at once');
  if (story.mustNotPromote !== undefined) fail(story, `promoted after ${story.mustNotPromote}`);
}
