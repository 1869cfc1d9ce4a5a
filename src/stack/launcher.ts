import { join } from 'node:path';

/** Our own command line, as a person calls it. */
export const launcher = join(__dirname, '..', '..', 'bin', 'spillway.js');
