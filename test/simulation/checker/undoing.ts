import { fail, isWaived, type Story } from './story';

/** A later migration of the same database goes first. */
function checkLater(story: Story, key: string): void {
  const { plan, world, wasLate } = story;
  const parts = plan.effects.filter((effect) => effect.kind === 'migrate');
  const at = parts.findIndex((effect) => effect.key === key);
  for (const later of parts.slice(at + 1)) {
    const entry = world.ledger.get(later.key);
    if (entry !== undefined && !entry.isUndone && !isWaived(story, 'migrate') && !wasLate)
      fail(story, `${key} was undone while ${later.key} is still applied`);
  }
}

/** Nothing is taken from under a version that has users, nor from under one that runs. */
export function checkUndo(story: Story, what: string): void {
  const { world, plan, roles, share, wasLate } = story;
  const isOurs = world.running[roles.canary]?.version === plan.version;
  const isExposed = share > 0 && !isWaived(story, 'expose') && !wasLate;
  const runs = isOurs && !isWaived(story, 'deploy') && !wasLate;
  if (what.startsWith(`stop ${roles.canary}`) && isExposed)
    fail(story, `the canary was stopped with ${share} % of the users on it`);
  if (['unapply', 'unconfigure', 'withdraw'].some((undo) => what.startsWith(undo))) {
    if (isExposed) fail(story, `${what} with ${share} % of the users on the canary`);
    if (runs) fail(story, `${what} while the canary runs`);
  }
  if (what.startsWith('unapply')) checkLater(story, what.slice('unapply '.length));
}
