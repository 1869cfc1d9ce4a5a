import type { Answer } from './prometheus-answer';
import { missing, parseAnswer } from './prometheus-answer';

const maxAnswerBytes = 1_000_000;

export type PrometheusQuestion = {
  readonly endpoint: URL;
  readonly query: string;
  /** The moment to evaluate at. */
  readonly atMs: number;
  readonly timeoutMs: number;
};

/** The body as text, or undefined when it is longer than the cap. */
const readCapped = async (body: ReadableStream<Uint8Array> | null): Promise<string | undefined> => {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) return text + decoder.decode();
    bytes += chunk.value.byteLength;
    if (bytes > maxAnswerBytes) {
      await reader?.cancel();
      return undefined;
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
};

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
};

/** Asks `/api/v1/query` once. Every fault is a `missing`; a redirect is not followed, it may lead anywhere. */
export const askPrometheus = async ({ endpoint, query, atMs, timeoutMs }: PrometheusQuestion): Promise<Answer> => {
  const where = `${endpoint.origin}${endpoint.pathname}`;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({ query, time: (atMs / 1000).toFixed(3) }),
      redirect: 'manual',
      signal,
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      return missing(
        'error',
        `${where} redirects (HTTP ${response.status}), which is not followed: name the final URL`,
      );
    }
    const text = await readCapped(response.body);
    if (text === undefined)
      return missing('too-large', `${where} answers with more than ${maxAnswerBytes} bytes: aggregate or select less`);
    const answer = parseAnswer(response.status, text);
    return answer.kind === 'missing' ? missing(answer.reason, `${where}: ${answer.detail}`) : answer;
  } catch (error) {
    const why = signal.aborted ? `no complete answer within ${timeoutMs} ms` : explain(error);
    return missing('unreachable', `${where}: ${why}`);
  }
};
