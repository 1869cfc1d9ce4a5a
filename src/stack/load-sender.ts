import { request as sendHttp } from 'node:http';
import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { LoadRecord } from './load-records';

/** A request of the load; a plain string is a GET of that path. */
export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

const defaultTimeoutMs = 10_000;
const defaultPaths: readonly string[] = Array.from({ length: 20 }, (_, index) => [`/orders/${index + 1}`, '/']).flat();

/** @returns epoch milliseconds with a fraction, comparable with those of other processes of the machine */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** A request under way. */
export interface SentRequest {
  readonly sentAt: number;
  readonly timeoutMs: number;
  readonly settled: Promise<void>;
  readonly giveUp: () => void;
}

type Finish = (record: LoadRecord) => void;

export interface SenderOptions {
  readonly url: string;
  readonly paths?: readonly (string | LoadRequest)[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * Makes the function that sends the request of a turn and calls `finish` exactly once.
 * @throws when `paths` is empty
 */
export function createSender(options: SenderOptions, agent: Agent): (index: number, finish: Finish) => SentRequest {
  const { hostname, port } = new URL(options.url);
  const { paths = defaultPaths, headers = {}, timeoutMs = defaultTimeoutMs } = options;
  if (paths.length === 0) throw new Error('the load has no paths: name at least one');
  const requests = paths.map((path) => prepare(typeof path === 'string' ? { method: 'GET', path } : path, headers));
  const intern = createIntern();
  return (index, finish) => {
    const { body, ...target } =
      requests[turnOf(index, requests.length)] ?? prepare({ method: 'GET', path: '/' }, headers);
    const request = sendHttp({ agent, host: hostname, port, ...target });
    const sent = follow({ request, timeoutMs, finish, intern });
    request.end(body);
    return sent;
  };
}

const goldenTurn = (Math.sqrt(5) - 1) / 2;

/** Even but without a period: a proxy that deals in turn would else give one slot always the same paths. */
const turnOf = (index: number, turns: number): number => Math.floor(((index * goldenTurn) % 1) * turns);

interface Prepared {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | undefined;
}

function prepare({ method, path, body }: LoadRequest, headers: Readonly<Record<string, string>>): Prepared {
  if (body === undefined) return { method, path, headers, body: undefined };
  const text = JSON.stringify(body);
  const describing = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return { method, path, headers: { ...headers, ...describing }, body: text };
}

/** Follows one request to its end; `finish` is called exactly once. */
function follow(one: {
  readonly request: ClientRequest;
  readonly timeoutMs: number;
  readonly finish: Finish;
  readonly intern: (text: string) => string;
}): SentRequest {
  const { request, timeoutMs, finish, intern } = one;
  const sentAt = nowMs();
  // A request that waited for a free connection starts when it gets one: before that it cannot reach a slot.
  let startedAt = sentAt;
  let isSettled = false;
  let resolveSettled = (): void => undefined;
  const settled = new Promise<void>((resolve) => (resolveSettled = resolve));
  let slot = '';
  let version = '';

  function settle(status: number, error: string): void {
    if (isSettled) return;
    isSettled = true;
    finish({ startedAt, durationMs: nowMs() - startedAt, status, error: intern(error), slot, version });
    resolveSettled();
  }

  request.on('socket', () => (startedAt = nowMs()));
  request.on('error', (error: NodeJS.ErrnoException) => settle(0, error.code ?? error.message));
  request.on('response', (response: IncomingMessage) => {
    slot = intern(headerOf(response, 'x-slot'));
    version = intern(headerOf(response, 'x-version'));
    response.on('end', () =>
      settle(response.complete ? (response.statusCode ?? 0) : 0, response.complete ? '' : 'ECONNRESET'),
    );
    response.on('error', (error: NodeJS.ErrnoException) => settle(0, error.code ?? error.message));
    response.resume();
  });
  const giveUp = (): void => {
    settle(0, 'TIMEOUT');
    request.destroy();
  };
  return { sentAt, timeoutMs, settled, giveUp };
}

const headerOf = (response: IncomingMessage, name: string): string => {
  const value = response.headers[name];
  return typeof value === 'string' ? value : '';
};

/** One string for each text, so that a long load does not keep a copy of every header. */
function createIntern(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    if (known.size < 1000) known.set(text, text);
    return text;
  };
}
