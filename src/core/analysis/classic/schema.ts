import { z } from 'zod';

const effectSize = z
  .strictObject({
    measure: z.enum(['meanRatio', 'cles']).default('meanRatio').describe('What the four bounds below measure.'),
    allowedIncrease: z.number().optional().describe('Effect from which an increase counts; 1, for `cles` 0.5.'),
    allowedDecrease: z.number().optional().describe('Effect down to which a decrease counts; 1, for `cles` 0.5.'),
    criticalIncrease: z.number().optional().describe('The same for a critical metric to be critical.'),
    criticalDecrease: z.number().optional().describe('The same for a critical metric to be critical.'),
  })
  .prefault({})
  .transform(({ measure, ...given }) => {
    const none = measure === 'cles' ? 0.5 : 1;
    const { allowedIncrease = none, allowedDecrease = none, criticalIncrease = none, criticalDecrease = none } = given;
    return { measure, allowedIncrease, allowedDecrease, criticalIncrease, criticalDecrease };
  });

const outliers = z
  .strictObject({
    strategy: z.enum(['keep', 'remove']).default('keep').describe('Whether points beyond the fences are left out.'),
    outlierFactor: z.number().positive().default(3).describe('Interquartile ranges from the quartiles to a fence.'),
  })
  .prefault({});

/** How one metric is judged: the keys of the published judge. */
const metricSettings = z.strictObject({
  direction: z.enum(['increase', 'decrease', 'either']).default('either').describe('Which change is bad.'),
  nanStrategy: z
    .enum(['remove', 'replace'])
    .default('remove')
    .describe('Whether a point without a number is left out or counts as 0.'),
  critical: z.boolean().default(false).describe('Whether it is told apart as critical.'),
  mustHaveData: z.boolean().default(false).describe('Whether no data fails.'),
  muted: z.boolean().default(false).describe('Judged and shown, without a say in the whole.'),
  effectSize,
  outliers,
});

export type MetricSettings = z.output<typeof metricSettings>;

/** What stands in files of the published judge and means nothing here. */
const unused = z.unknown().optional();

export const judgeConfigSchema = z
  .strictObject({
    method: z.literal('mann-whitney').default('mann-whitney').describe('The only method.'),
    confidence: z.number().gt(0.5).lt(1).default(0.98).describe('Of the interval of the shift.'),
    tolerance: z.number().min(0).default(0.25).describe('Part of the estimated shift the interval must lie beyond.'),
    asPublished: z
      .boolean()
      .default(false)
      .describe('Give every class as the published judge does, with its known false passes.'),
    metrics: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe('As in the pairs.'),
          groups: unused,
          analysisConfigurations: z
            .strictObject({ canary: metricSettings.prefault({}).describe('How this metric is judged.') })
            .prefault({}),
          query: unused,
          scopeName: unused,
          extensions: unused,
          id: unused,
        }),
      )
      .min(1)
      .describe('The metrics to judge.'),
    classifier: unused,
    configVersion: unused,
    name: unused,
    id: unused,
    description: unused,
    applications: unused,
    judge: unused,
    templates: unused,
    owner: unused,
    createdTimestamp: unused,
    createdTimestampIso: unused,
    updatedTimestamp: unused,
    updatedTimestampIso: unused,
  })
  .describe('What the classic judge is to do.');

export type JudgeConfig = z.output<typeof judgeConfigSchema>;

const point = z
  .union([z.number(), z.null(), z.literal('NaN')])
  .transform((value) => (typeof value === 'number' ? value : undefined));

export const pairsSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1).describe('As in the configuration.'),
      values: z.strictObject({
        control: z.array(point).describe('Points of the baseline.'),
        experiment: z.array(point).describe('Points of the canary.'),
      }),
      id: unused,
      tags: unused,
      scopes: unused,
      attributes: unused,
    }),
  )
  .describe('Points of each metric.');

export type Pairs = z.output<typeof pairsSchema>;
