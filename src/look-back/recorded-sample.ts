import { z } from 'zod';
import type { ProxyReading } from '../activities/observe/watch';
import type { Reading } from '../core/analysis/types';
import type { SampleRow } from '../ports/store';

const share = z.object({ weight: z.number(), state: z.enum(['ready', 'drain', 'maint']) });
const perSlot = <S extends z.ZodType>(each: S) => z.object({ blue: each, green: each });

const traffic = z.object({
  split: perSlot(share).optional(),
  disagreement: z.string().optional(),
  counters: perSlot(z.object({ requests: z.number(), bad: z.number() })),
  sessions: perSlot(z.number()),
  down: z.array(z.enum(['blue', 'green'])),
  resets: z.number(),
  processes: z.string(),
});

const proxy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('read'), traffic }),
  z.object({ kind: z.literal('unread'), detail: z.string() }),
]);

const counts = z.object({ total: z.number(), bad: z.number() });
const missing = {
  reason: z.enum(['unreachable', 'error', 'empty', 'not-a-number', 'stale', 'too-large']),
  detail: z.string(),
};
const reading = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('counts'), baseline: counts, canary: counts }),
  z.object({ kind: z.literal('value'), canary: z.number() }),
  z.object({ kind: z.literal('pair'), canary: z.number(), baseline: z.union([z.number(), z.object(missing)]) }),
  z.object({ kind: z.literal('missing'), ...missing }),
]);

const sampleSchema = z.object({
  proxy,
  others: z.record(z.string(), reading),
  decision: z.object({ action: z.enum(['advance', 'hold', 'roll-back']), reason: z.string() }),
  stage: z.string(),
});
const gapSchema = z.object({ gap: z.number() });

/** One look of a watch as the store keeps it, or how many were lost before the next. */
export type RecordedSample =
  | {
      readonly kind: 'look';
      readonly atMs: number;
      readonly stage: string;
      readonly proxy: ProxyReading;
      readonly others: { readonly [metric: string]: Reading };
      readonly decided: { readonly action: 'advance' | 'hold' | 'roll-back'; readonly reason: string };
    }
  | { readonly kind: 'gap'; readonly atMs: number; readonly lost: number }
  | { readonly kind: 'unreadable'; readonly atMs: number };

function proxyOf(read: z.output<typeof proxy>): ProxyReading {
  if (read.kind === 'unread') return read;
  const { split, disagreement, ...rest } = read.traffic;
  const seen = { ...(split === undefined ? {} : { split }), ...(disagreement === undefined ? {} : { disagreement }) };
  return { kind: 'read', traffic: { ...rest, ...seen } };
}

/** What a row of the store says; a row of a version that wrote another form is unreadable, never a guess. */
export function readSample({ atMs, sample }: SampleRow): RecordedSample {
  const gap = gapSchema.safeParse(sample);
  if (gap.success) return { kind: 'gap', atMs, lost: gap.data.gap };
  const read = sampleSchema.safeParse(sample);
  if (!read.success) return { kind: 'unreadable', atMs };
  const { stage, others, decision } = read.data;
  return { kind: 'look', atMs, stage, proxy: proxyOf(read.data.proxy), others, decided: decision };
}
