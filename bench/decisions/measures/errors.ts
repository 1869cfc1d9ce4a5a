import { errorRows } from '../rows';
import { measureDelays } from './delays';
import type { Measure } from './measure';

/** How many times the limit a decision may take. */
export const errorTimes = 1.5;

export const errors: Measure = {
  name: 'errors',
  run: (cells) => measureDelays(cells, errorRows, errorTimes),
};
