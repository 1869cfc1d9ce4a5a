import type { Rig } from './release-rig';

/** What people were told so far, as far as it matches. */
export async function toldOf({ world }: Rig, pattern = /^/): Promise<readonly string[]> {
  const all = await world.store.takeOutbox(100, 0);
  return all.map(({ notification }) => notification.text).filter((text) => pattern.test(text));
}

/** How people are told that somebody else changed something. */
export const ofDrift = /^Somebody else/;
