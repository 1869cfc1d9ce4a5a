import type { Measure } from '../measure';
import { flooded } from './flood';
import { killPoints } from './kill-points';

/** All measures, in the order they run. */
export const measures: readonly Measure[] = [killPoints, flooded];
