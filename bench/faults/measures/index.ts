import type { Measure } from '../measure';
import { engineDead } from './engine-dead';
import { flooded } from './flood';
import { interleavings } from './interleavings';
import { killPoints } from './kill-points';
import { storeDown } from './store-down';
import { restart, secondWorker } from './takeover';
import { zombie } from './zombie';

/** All measures, in the order they run. */
export const measures: readonly Measure[] = [
  killPoints,
  restart,
  secondWorker,
  engineDead,
  storeDown,
  zombie,
  flooded,
  interleavings,
];
