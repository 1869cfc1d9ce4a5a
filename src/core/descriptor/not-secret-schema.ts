import { z } from 'zod';
import { sentence } from './base-texts';

/** What looks like a secret and is none, each with the reason that the plan shows. */
export const notSecretSchema = z
  .array(
    z.strictObject({
      at: z
        .string()
        .min(1)
        .max(500)
        .describe('The path that the issue names, such as `configuration[0].set.tokenKind`, or a SQL file.'),
      because: sentence.describe('Why it is no secret; it stands in the plan.'),
    }),
  )
  .max(100)
  .default([])
  .describe('What looks like a secret and is none; a descriptor with a secret in it is refused.');
