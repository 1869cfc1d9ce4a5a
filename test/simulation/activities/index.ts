import { books } from './books';
import { drain } from './drain';
import { ending } from './ending';
import { looks } from './looks';
import { migrations } from './migrations';
import type { Models } from './model';
import { recovery } from './recovery';
import { settings } from './settings';
import { slots } from './slots';
import { traffic } from './traffic';

/** What each activity does to the world; the real ones have tests of their own. */
export const models: Models = {
  ...looks,
  ...migrations,
  ...settings,
  ...slots,
  ...traffic,
  ...drain,
  ...ending,
  ...books,
  ...recovery,
};
