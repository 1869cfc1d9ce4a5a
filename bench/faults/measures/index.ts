import type { Measure } from '../measure';
import { flooded } from './flood';
import { interleavings } from './interleavings';
import { killPoints } from './kill-points';
import { restart, secondWorker } from './takeover';
import { zombie } from './zombie';

/** All measures, in the order they run. */
export const measures: readonly Measure[] = [killPoints, restart, secondWorker, zombie, flooded, interleavings];
