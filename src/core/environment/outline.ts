import { z } from 'zod';

/** As much of an environment as rules can look at, also where the rest of it is wrong. */
export const outlineSchema = z
  .looseObject({
    targets: z.record(z.string(), z.looseObject({ kind: z.string().catch('') }).catch({ kind: '' })).catch({}),
    services: z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({}),
  })
  .catch({ targets: {}, services: {} });
