import { blame } from './blame';
import { cost } from './cost';
import { coverage } from './coverage';
import { errors } from './errors';
import { falseRollbacks } from './false-rollbacks';
import { harmed } from './harmed';
import { latency } from './latency';
import { lowTrafficErrors } from './low-traffic';
import type { Measure } from './measure';
import { split } from './split';

/** All measures of decisions, in the order they run; those that share streams stand together. */
export const measures: readonly Measure[] = [
  cost,
  errors,
  lowTrafficErrors,
  harmed,
  latency,
  blame,
  split,
  coverage,
  falseRollbacks,
];
