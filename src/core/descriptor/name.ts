import { z } from 'zod';

/** A name that a descriptor gives or uses. */
export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'write lower-case letters, digits and dashes, at most 63')
  .describe('Lower-case letters, digits and dashes; at most 63.');
