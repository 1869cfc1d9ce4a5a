import { PortError } from '../../ports/errors';
import { createRedactor } from '../secrets';

export type UnleashAddress = {
  /** Where Unleash is, without `/api`. */
  readonly url: string;
  readonly token: string;
  /** Longest wait for one answer, in milliseconds. */
  readonly timeoutMs: number;
  /** How a request is sent: by the platform's `fetch` when it is left out. */
  readonly send?: (url: URL, init: RequestInit) => Promise<Response>;
};

type Question = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/admin/`; each part is encoded. */
  readonly path: readonly string[];
  readonly query?: { readonly [name: string]: string };
  readonly body?: unknown;
  /** What it is asked for, for people. */
  readonly about: string;
  readonly mayBeMissing?: boolean;
};

/** What Unleash said, as parsed JSON; undefined when it says that there is no such thing and that may be. */
export type AskUnleash = (question: Question) => Promise<{ readonly body: unknown } | undefined>;

const longestShown = 300;
/** The server has too much to do, or is being restarted: later it may take the same request. */
const isPassing = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

/**
 * Asks the admin API of one Unleash.
 * @throws PortError TargetUnavailable when it is away, slow or overloaded; Rejected when it refuses.
 */
export function createAskUnleash({ url, token, timeoutMs, send = fetch }: UnleashAddress): AskUnleash {
  const redact = createRedactor([token]);
  const base = url.endsWith('/') ? url : `${url}/`;
  const away = (about: string, why: string) =>
    new PortError('TargetUnavailable', `Unleash at ${url} ${why} (${about}). Look whether it runs; it is tried again.`);
  const rejected = (about: string, why: string) => new PortError('Rejected', `Unleash at ${url} ${why} (${about}).`);

  const refusalOf = (about: string, status: number, text: string): PortError => {
    const said = redact(messageIn(text)).slice(0, longestShown);
    if (isPassing(status)) return away(about, `answers ${status}: ${said}`);
    if (status === 401)
      return rejected(about, 'does not know our token. Give the worker an admin token or one of a service account');
    if (status === 403)
      return rejected(about, `does not let our token do this: ${said} Give its owner the permission, or another token`);
    if (status >= 300 && status < 400) return rejected(about, `answers ${status}. Correct \`url\` of the target`);
    return rejected(about, `answers ${status}: ${said}`);
  };

  return async ({ method, path, query, body, about, mayBeMissing = false }) => {
    let status: number;
    let text: string;
    const signal = AbortSignal.timeout(timeoutMs);
    const address = new URL(`api/admin/${path.map(encodeURIComponent).join('/')}`, base);
    address.search = new URLSearchParams(query).toString();
    try {
      const response = await send(address, {
        method,
        headers: { authorization: token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'manual',
        signal,
      });
      status = response.status;
      text = await response.text();
    } catch {
      // The cause is left out: it may hold the headers, and the token in them.
      throw away(about, signal.aborted ? `does not answer within ${timeoutMs} ms` : 'is not to be reached');
    }
    if (status === 404 && mayBeMissing && isSaid(text)) return undefined;
    if (status < 200 || status > 299) throw refusalOf(about, status, text);
    return { body: text === '' ? undefined : parseJson(text) };
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON, so not Unleash's; said by whoever looks at the shape.
  }
}

const fieldOf = (text: string, field: 'name' | 'message'): string | undefined => {
  const parsed: unknown = parseJson(text);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const found: unknown = Reflect.get(parsed, field);
  return typeof found === 'string' ? found : undefined;
};

const messageIn = (text: string): string => fieldOf(text, 'message') ?? text;

/** A proxy's 404, or that of a path which this Unleash does not have, is no answer. */
const isSaid = (text: string): boolean =>
  fieldOf(text, 'name') === 'NotFoundError' && !messageIn(text).startsWith('The path you were looking for');
