import { z } from 'zod';

const slot = z.enum(['blue', 'green']);
const roles = z.strictObject({ baseline: slot, canary: slot }).refine(({ baseline, canary }) => baseline !== canary);
const release = z.string().min(1).max(100);

/** Bodies of the sentinel's HTTP interface. */
export const leaseBody = z.strictObject({
  release,
  roles,
  phase: z.enum(['dark', 'exposing', 'promoting']),
  ceilingPercent: z.number().min(0).max(100),
  ttlMs: z.number().int().min(100).max(3_600_000),
});
export const renewalBody = z.strictObject({ release });
export const endingBody = z.strictObject({ release, roles, serving: slot });

export const answerBody = z.union([
  z.object({ isHeld: z.literal(true), term: z.number() }),
  z.object({ isHeld: z.literal(false), refusal: z.enum(['expired', 'ended', 'superseded', 'unknown']) }),
]);

const seenSlot = z.object({ weight: z.number(), state: z.enum(['ready', 'drain', 'maint']) });
const leaseShown = z.object({
  state: z.enum(['held', 'expired', 'ended']),
  release: z.string(),
  term: z.number(),
  phase: z.enum(['dark', 'exposing', 'promoting']).optional(),
  ceilingPercent: z.number().optional(),
  expiresInMs: z.number().optional(),
  serving: slot,
});

export const statusBody = z.object({
  targets: z.record(
    z.string(),
    z.object({
      lastLookAgeMs: z.number().nullable(),
      unreachable: z.array(z.string()),
      alarm: z.string().optional(),
      split: z.object({ blue: seenSlot, green: seenSlot }).optional(),
      lease: leaseShown.optional(),
    }),
  ),
});

/** A target whose last look is older than this is not guarded. */
export const longestLookAgeMs = 3_000;

/** What one sentinel says of everything it guards. */
export type SentinelStatus = z.infer<typeof statusBody>;
export type GuardStatus = SentinelStatus['targets'][string];

export const sentinelPaths = {
  lease: (target: string) => `/v1/leases/${target}`,
  renewal: (target: string) => `/v1/leases/${target}/renewal`,
  ending: (target: string) => `/v1/leases/${target}/ending`,
  status: '/v1/status',
} as const;
