import { fail, isWaived, type Story } from './story';

/** Whoever has users may log in: the baseline until the promotion, the canary while it is exposed. */
export function checkLogins(story: Story): void {
  const { plan, world, share, isPromoteDelivered, wasLate } = story;
  const isOpen = (login: string): boolean => world.logins[login]?.state === 'open';
  for (const effect of plan.effects) {
    if (effect.kind !== 'rotate') continue;
    if (!isPromoteDelivered && !isOpen(effect.from)) fail(story, `login ${effect.from} is in use and was shut`);
    if (share > 0 && !isOpen(effect.login) && !isWaived(story, 'expose') && !wasLate)
      fail(story, `${share} % of the users are on a version whose login ${effect.login} is shut`);
  }
}
