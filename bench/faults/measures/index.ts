import type { Measure } from '../measure';

/** All measures, in the order they run. */
export const measures: readonly Measure[] = [];
