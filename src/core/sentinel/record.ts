import { z } from 'zod';
import type { LeaseRecord } from './lease';

const slot = z.enum(['blue', 'green']);
const common = {
  term: z.number(),
  release: z.string(),
  roles: z.object({ baseline: slot, canary: slot }),
  past: z.array(z.string()),
};

/** One record as it lies on disk. */
const recordSchema: z.ZodType<LeaseRecord> = z.discriminatedUnion('state', [
  z.object({
    ...common,
    state: z.literal('held'),
    phase: z.enum(['dark', 'exposing', 'promoting']),
    ceilingPercent: z.number(),
    ttlMs: z.number(),
    expiresAtMs: z.number(),
  }),
  z.object({ ...common, state: z.literal('expired'), sinceMs: z.number() }),
  z.object({ ...common, state: z.literal('ended'), serving: slot, guardUntilMs: z.number() }),
]);

/** What a sentinel keeps: one record a target, times by the wall clock. */
export const keptSchema = z.object({ version: z.literal(1), records: z.record(z.string(), recordSchema) });

export type LeaseRecords = { readonly [target: string]: LeaseRecord };
