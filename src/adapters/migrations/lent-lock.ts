import type { Session } from '../postgres/session';
import { createWish, isLockWanted, readHolder, tryLock, unlock } from './migration-lock';

/** The least time between taking the lock and giving it to somebody who waits: two backfills must not take turns at every batch. */
const turnMs = 1_000;

/** The migration lock of a session that holds it, for work that may rest between its steps. */
export type LentLock = {
  /** Lets others have it, until there is no reason any more not to go on. */
  lend(): Promise<void>;
  /** Why the work cannot go on just now; undefined when it holds the lock. */
  whyNot(): Promise<string | undefined>;
};

export function createLentLock(session: Session): LentLock {
  const wish = createWish(session);
  let heldSinceMs: number | undefined = performance.now();

  const lend = async (): Promise<void> => {
    if (heldSinceMs === undefined) return;
    await unlock(session);
    heldSinceMs = undefined;
  };
  return {
    lend,
    whyNot: async () => {
      if (heldSinceMs === undefined) {
        if (!(await tryLock(session))) {
          await wish.show();
          const holder = await readHolder(session);
          return `\`${holder?.name ?? 'somebody'}\` holds the migration lock`;
        }
        await wish.take();
        heldSinceMs = performance.now();
      } else if (performance.now() - heldSinceMs >= turnMs && (await isLockWanted(session))) {
        await lend();
        return 'somebody else waits for the migration lock';
      }
      return undefined;
    },
  };
}
