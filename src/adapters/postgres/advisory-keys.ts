const spillway = 0x5350494c;

/**
 * The keys of every advisory lock: they are per database, and store, targets and contracts may share one. Each has two halves, as
 * the server takes them.
 */
export const advisoryKeys = {
  /** One release at a time migrates a database; held for as long as that takes. */
  migration: [spillway, 1],
  /** One process at a time upgrades the store. */
  storeUpgrade: [spillway, 2],
  /** Shared by whoever waits for `migration`, so that its holder sees it. */
  migrationWish: [spillway, 3],
  /** Releases that begin and contracts that rename; held for a transaction. */
  turn: [spillway, 4],
} as const;
