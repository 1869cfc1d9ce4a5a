import { z } from 'zod';
import type { MissingReason } from '../../core/analysis/types';
import type { MetricNumber } from '../../ports/metrics';
import { bucketSeries, nativeSample } from './native-histogram';

/** Unix seconds, and a number as text, "NaN" and "+Inf" included. */
const point = z.tuple([z.number(), z.string()]);
const labels = z.record(z.string(), z.string());

const answerSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('scalar'), result: point }),
      z.object({ resultType: z.literal('string'), result: point }),
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: labels, value: point.optional(), histogram: nativeSample.optional() })),
      }),
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(
          z.object({
            metric: labels,
            values: z.array(point).default([]),
            histograms: z.array(nativeSample).optional(),
          }),
        ),
      }),
    ]),
  }),
]);

export type Missing = Extract<MetricNumber, { kind: 'missing' }>;
export type QueryResult = Extract<z.infer<typeof answerSchema>, { status: 'success' }>['data'];
export type Answer = { readonly kind: 'answer'; readonly data: QueryResult } | Missing;
export type Point = { readonly atMs: number; readonly value: number };
/** Samples of one series, oldest first. `id` is its labels without the metric's name. */
export type Series = {
  readonly id: string;
  readonly labels?: { readonly [label: string]: string };
  readonly points: readonly Point[];
  /** A bucket of a native histogram: counts only what lies between its bounds. */
  readonly isNative?: boolean;
};

export const missing = (reason: MissingReason, detail: string): Missing => ({ kind: 'missing', reason, detail });

export const toPoint = ([seconds, text]: z.infer<typeof point>): Point => ({
  atMs: Math.round(seconds * 1000),
  value: text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text),
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads an answer of `/api/v1/query`, whatever its HTTP status was. */
export const parseAnswer = (status: number, text: string): Answer => {
  const parsed = answerSchema.safeParse(parseJson(text));
  if (!parsed.success)
    return missing(
      'error',
      `HTTP ${status} with something that is no Prometheus answer: ${JSON.stringify(text.slice(0, 120))}; check the URL`,
    );
  if (parsed.data.status === 'error')
    return missing('error', `${parsed.data.errorType}: ${parsed.data.error.slice(0, 300)}`);
  if (status >= 400) return missing('error', `HTTP ${status}`);
  return { kind: 'answer', data: parsed.data.data };
};

/** The one number of an instant answer, taken as it is; `atMs` is the moment of evaluation. */
export const pickNumber = (data: QueryResult): MetricNumber => {
  if (data.resultType === 'matrix' || data.resultType === 'string')
    return missing('error', `the query gives a ${data.resultType}, not a number`);
  if (data.resultType === 'vector' && data.result.length > 1)
    return missing('error', `the query gives ${data.result.length} series, not one: add a sum or a selector`);
  const found = data.resultType === 'scalar' ? data.result : data.result[0]?.value;
  if (data.resultType === 'vector' && data.result[0]?.histogram !== undefined)
    return missing(
      'error',
      'the query gives a native histogram, not a number: use histogram_fraction or histogram_quantile',
    );
  if (found === undefined) return missing('empty', 'the query gives no series');
  const { atMs, value } = toPoint(found);
  if (!Number.isFinite(value)) return missing('not-a-number', `the query gives ${found[1]}`);
  return { kind: 'number', value, atMs };
};

const toId = ({ __name__: _, ...rest }: { readonly [label: string]: string }): string =>
  JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The series of a range or an instant answer; a fault when it is neither. */
export const pickSeries = (
  data: QueryResult,
): { readonly kind: 'series'; readonly series: readonly Series[] } | Missing => {
  if (data.resultType === 'matrix')
    return {
      kind: 'series',
      series: data.result.flatMap(({ metric, values, histograms }) =>
        histograms === undefined
          ? [{ id: toId(metric), labels: metric, points: values.map(toPoint) }]
          : bucketSeries(metric, histograms, toId),
      ),
    };
  if (data.resultType === 'vector')
    return {
      kind: 'series',
      series: data.result.flatMap(({ metric, value, histogram }) => {
        if (histogram !== undefined) return bucketSeries(metric, [histogram], toId);
        return value === undefined ? [] : [{ id: toId(metric), labels: metric, points: [toPoint(value)] }];
      }),
    };
  return missing('error', `the selector gives a ${data.resultType}, not series`);
};
