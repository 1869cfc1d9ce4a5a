import type { Bench } from '../bench';
import type { Outcome } from '../outcome';
import { measureAbort } from './abort';
import { measureApproval } from './approval';
import { measureBreach } from './breach';
import { measureClean } from './clean';
import { measureEvents } from './events';
import { measureLoss } from './loss';
import { measureShare } from './share';
import { measureUnobserved } from './unobserved';

/** All measures, in the order they run: the last one changes the database for good. */
export const measures: { readonly [name: string]: (bench: Bench) => Promise<Outcome> } = {
  breach: measureBreach,
  abort: measureAbort,
  approval: measureApproval,
  unobserved: measureUnobserved,
  share: measureShare,
  events: measureEvents,
  clean: measureClean,
  loss: measureLoss,
};
