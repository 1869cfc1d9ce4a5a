import { z } from 'zod';
import { conventionNames, presetNames } from '../analysis/catalogue/names';
import { durationText, limitText, valueLimitText } from '../texts';
import { name } from './name';

const metricCommon = {
  max: limitText.describe('Limit: `baseline + 0.5%`, `baseline * 1.2` or an absolute `1%`.'),
  guardrail: z.boolean().default(true).describe('Whether this metric alone can roll the release back.'),
  owner: name.optional().describe('Role that answers for the metric and is named wherever it stops a release.'),
};

const proxyErrors = z.strictObject({ source: z.literal('proxy').default('proxy'), ...metricCommon });
const prometheusRatio = z.strictObject({
  source: z.literal('prometheus'),
  bad: z.string().describe('PromQL selector of the counter of bad events; `$slot` stands for the slot.'),
  total: z.string().describe('PromQL selector of the counter of all events; `$slot` stands for the slot.'),
  ...metricCommon,
});
const prometheusHistogram = z.strictObject({
  source: z.literal('prometheus'),
  histogram: z.string().describe('Selector of a `_bucket` series or a native histogram; `$slot` stands for the slot.'),
  above: durationText.describe('Requests slower than this are bad; must be a bucket bound, but for native histograms.'),
  ...metricCommon,
});
const prometheusValue = z.strictObject({
  source: z.literal('prometheus'),
  value: z.string().describe('PromQL expression giving one number; `$slot` stands for the slot.'),
  max: z
    .union([z.number(), valueLimitText('max')])
    .optional()
    .describe('The most it may be: a number, or beside the baseline `baseline + 0.1`, `baseline * 1.2`.'),
  min: z
    .union([z.number(), valueLimitText('min')])
    .optional()
    .describe('The least it may be: a number, or beside the baseline `baseline - 0.1`, `baseline * 0.9`.'),
  method: z
    .enum(['evidence', 'mann-whitney'])
    .default('evidence')
    .describe('How values are compared: at every look, or once a stage by the classic judge.'),
  guardrail: metricCommon.guardrail,
  owner: metricCommon.owner,
});
const preset = z.strictObject({
  preset: z.enum(presetNames).describe('A ready-made metric; no query is written.'),
  convention: z
    .enum(conventionNames)
    .optional()
    .describe("Names of metrics and labels to read it by; the service's own in the environment when left out."),
  above: durationText
    .optional()
    .describe('For `http-latency`: requests slower than this are bad; `500ms` when left out.'),
  max: z
    .union([limitText, z.number()])
    .optional()
    .describe('A limit, or for `saturation` and `restarts` a number; the one of the catalogue when left out.'),
  guardrail: metricCommon.guardrail,
  owner: metricCommon.owner,
});

/** What is compared between baseline and canary, or bounded: by the proxy, by a query, or ready-made. */
export const metricSchema = z.union([proxyErrors, prometheusRatio, prometheusHistogram, prometheusValue, preset]);
