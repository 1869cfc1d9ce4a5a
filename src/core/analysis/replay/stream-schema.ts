import { z } from 'zod';

const count = z.number().int().min(0);

const arm = z
  .strictObject({
    n: count.describe('Requests of this tick.'),
    err: count.describe('Bad ones among them.'),
    buckets: z.array(count).optional().describe('Requests of each latency bucket, one more than `le` has bounds.'),
    cpu: z.number().min(0).nullable().optional().describe('Mean of the tick; null when it was not read.'),
  })
  .nullable()
  .optional()
  .describe('What an arm did in this tick alone; null or left out where it gave no data.');

const id = z.string().min(1).describe('Which stream this line belongs to.');
const share = z.number().min(0).max(1);

/** The first line of a stream. */
export const metaLineSchema = z.strictObject({
  s: id,
  meta: z.strictObject({
    tick_s: z.number().positive().describe('Seconds a tick.'),
    ticks: z.number().int().min(1).describe('Planned ticks.'),
    le: z.array(z.number()).describe('Upper bounds of the latency buckets, rising; empty without latency.'),
    share: z
      .strictObject({
        canary: share.gt(0),
        baseline: share.default(0),
        stable: share.default(0),
      })
      .describe('Shares of the traffic, 0 to 1.'),
  }),
});

/** Every other line of a stream. */
export const tickLineSchema = z.strictObject({
  s: id,
  t: z.number().positive().describe('Seconds from the start of the stream to the end of this tick.'),
  canary: arm,
  baseline: arm,
  stable: arm,
  same_hour: z
    .strictObject({ n: count.describe('Requests.'), err: count.describe('Bad ones among them.') })
    .nullable()
    .optional()
    .describe('The whole service in the same hour of the week, in earlier weeks.'),
});

export type MetaLine = z.output<typeof metaLineSchema>;
export type TickLine = z.output<typeof tickLineSchema>;
