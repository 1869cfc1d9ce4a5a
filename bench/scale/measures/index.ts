import type { Measure } from '../measure';
import { exposed } from './exposed';
import { throughput } from './throughput';
import { waiting } from './waiting';

export const measures: readonly Measure[] = [throughput, exposed, waiting];
