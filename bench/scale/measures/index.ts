import type { Measure } from '../measure';
import { exposed } from './exposed';
import { severalWorkers } from './several-workers';
import { throughput } from './throughput';
import { waiting } from './waiting';

export const measures: readonly Measure[] = [throughput, exposed, waiting, severalWorkers];
