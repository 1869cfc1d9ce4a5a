import type { z } from 'zod';
import { answerBody, sentinelPaths, statusBody } from '../../core/sentinel/messages';
import { PortError } from '../../ports/errors';
import type { SentinelPort } from '../../ports/sentinel';

export type HttpSentinelOptions = {
  readonly url: string;
  readonly token: string;
  /** Longest wait for one answer. Default 800. */
  readonly timeoutMs?: number;
};

type Question = { readonly method: 'GET' | 'PUT' | 'POST'; readonly path: string; readonly body?: unknown };

const unavailable = (url: string, why: string, cause?: unknown) =>
  new PortError(
    'TargetUnavailable',
    `The sentinel at ${url} ${why}. Look whether \`spillway sentinel\` runs there and what its log says.`,
    { cause },
  );

const rejected = (url: string, why: string) => new PortError('Rejected', `The sentinel at ${url} ${why}`);

function refusalOf(url: string, status: number, text: string): PortError {
  if (status === 401 || status === 403)
    return rejected(url, 'does not take our token. Give worker and sentinel the same one.');
  if (status === 404)
    return rejected(url, `does not guard this target (${text}). Name it under \`targets\` of the sentinel's file.`);
  if (status >= 500) return unavailable(url, `answers ${status}: ${text}`);
  return rejected(url, `answers ${status}: ${text}. Worker and sentinel must be of the same version.`);
}

const longestShown = 300;

/** A sentinel reached over HTTP, one request a call. */
export const createHttpSentinel = ({ url, token, timeoutMs = 800 }: HttpSentinelOptions): SentinelPort => {
  async function ask<S extends z.ZodType>(schema: S, { method, path, body }: Question): Promise<z.infer<S>> {
    let status: number;
    let text: string;
    try {
      const response = await fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      throw unavailable(url, isLate ? `does not answer within ${timeoutMs} ms` : 'is not to be reached', error);
    }
    // A refused lease is an answer.
    if (status !== 200 && status !== 409) throw refusalOf(url, status, text.slice(0, longestShown));
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw rejected(url, 'answers something that no sentinel says. Correct `url` in the environment file.');
  }

  return {
    name: `sentinel at ${url}`,
    hold: (target, lease) => ask(answerBody, { method: 'PUT', path: sentinelPaths.lease(target), body: lease }),
    renew: (target, release) =>
      ask(answerBody, { method: 'POST', path: sentinelPaths.renewal(target), body: { release } }),
    end: (target, ending) => ask(answerBody, { method: 'POST', path: sentinelPaths.ending(target), body: ending }),
    status: () => ask(statusBody, { method: 'GET', path: sentinelPaths.status }),
  };
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON, so no sentinel's; said by whoever looks at the shape.
  }
}
