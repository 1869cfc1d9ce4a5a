import { askPrometheus } from './ask-prometheus';
import { missing, toPoint, type Missing, type Point, type QueryResult } from './prometheus-answer';

/** Samples of one series over a stretch of time, oldest first, with its labels. */
export type HistorySeries = {
  readonly labels: { readonly [name: string]: string };
  readonly points: readonly Point[];
};

export type History = { readonly kind: 'series'; readonly series: readonly HistorySeries[] } | Missing;

export type Stretch = { readonly fromMs: number; readonly toMs: number };

/** Reads what Prometheus has kept. A fault of any part is a `missing`: half a history is none. */
export type MetricsHistory = {
  /** Every raw sample of a selector's series in (`fromMs`, `toMs`]. */
  samples(selector: string, stretch: Stretch): Promise<History>;
  /** An expression's value at every multiple of `stepMs` in (`fromMs`, `toMs`]. */
  values(query: string, stretch: Stretch, stepMs: number): Promise<History>;
};

const longestChunkMs = 60 * 60_000;
const shortestChunkMs = 60_000;

type Collected = Map<string, { readonly labels: HistorySeries['labels']; readonly points: Point[] }>;

function collect(into: Collected, data: QueryResult): Missing | undefined {
  if (data.resultType !== 'matrix')
    return missing('error', `the query gives a ${data.resultType}, not series over time`);
  for (const { metric, values } of data.result) {
    const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = into.get(key) ?? { labels: metric, points: [] };
    const lastMs = known.points.at(-1)?.atMs ?? -Infinity;
    // Older servers give the sample at the left end of a stretch too, which the stretch before has had.
    known.points.push(...values.map(toPoint).filter(({ atMs }) => atMs > lastMs));
    into.set(key, known);
  }
  return undefined;
}

/** The history behind Prometheus's HTTP API, read in pieces that stay below the size of an answer. */
export function createPrometheusHistory({
  url,
  timeoutMs,
}: {
  readonly url: string;
  readonly timeoutMs: number;
}): MetricsHistory {
  const endpoint = new URL('api/v1/query', url.endsWith('/') ? url : `${url}/`);

  async function read({ fromMs, toMs }: Stretch, queryOf: (lengthMs: number) => string): Promise<History> {
    const found: Collected = new Map();
    let chunkMs = longestChunkMs;
    for (let startMs = fromMs; startMs < toMs;) {
      const endMs = Math.min(toMs, startMs + chunkMs);
      const answer = await askPrometheus({ endpoint, query: queryOf(endMs - startMs), atMs: endMs, timeoutMs });
      if (answer.kind === 'missing' && answer.reason === 'too-large' && chunkMs > shortestChunkMs) {
        chunkMs = Math.max(shortestChunkMs, Math.floor(chunkMs / 4));
        continue;
      }
      const fault = answer.kind === 'missing' ? answer : collect(found, answer.data);
      if (fault !== undefined) return fault;
      startMs = endMs;
    }
    return { kind: 'series', series: [...found.values()] };
  }

  return {
    samples: (selector, stretch) => read(stretch, (lengthMs) => `${selector}[${lengthMs}ms]`),
    // The line break ends a comment at the end of the query.
    values: (query, stretch, stepMs) => read(stretch, (lengthMs) => `(${query}\n)[${lengthMs}ms:${stepMs}ms]`),
  };
}
