import { books } from './books';
import { drain } from './drain';
import { endedSettings } from './ended-settings';
import { ending } from './ending';
import { logins } from './logins';
import { looks } from './looks';
import { migrations } from './migrations';
import type { Models } from './model';
import { recovery } from './recovery';
import { schemas } from './schemas';
import { settings } from './settings';
import { slots } from './slots';
import { traffic } from './traffic';

/** What each activity does to the world; the real ones have tests of their own. */
export const models: Models = {
  ...looks,
  ...migrations,
  ...settings,
  ...logins,
  ...schemas,
  ...slots,
  ...traffic,
  ...drain,
  ...ending,
  ...endedSettings,
  ...books,
  ...recovery,
};
