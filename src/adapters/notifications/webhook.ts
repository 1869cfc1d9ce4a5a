import { createHash } from 'node:crypto';
import { formatDuration } from '../../core/duration';
import type { Notification } from '../../core/release/notification';
import type { NotificationsPort } from '../../ports/notifications';
import { PortError } from '../../ports/errors';
import { errorCode } from '../error-code';
import { slackFormat } from './slack-format';

export type WebhookOptions = {
  /** Already resolved; a secret as a whole, so errors name its host only. */
  readonly url: string;
  readonly format: 'generic' | 'slack';
  /** Until the answer's status line is there; 5000 when it is left out. */
  readonly timeoutMs?: number | undefined;
};

const passingClientErrors = [408, 429];

/**
 * POSTs one JSON body a notification. The headers `x-spillway-notification-id` and `idempotency-key` carry the id to
 * de-duplicate by. Redirects are not followed.
 * @throws PortError `Rejected` for 4xx other than 408 and 429, `TargetUnavailable` for anything else but 2xx.
 */
export function createWebhook({ url, format, timeoutMs = 5_000 }: WebhookOptions): NotificationsPort {
  const { address, where, authorization } = parseAddress(url);
  return {
    send: async (notification) => {
      const id = headerId(notification.id);
      const status = await post({
        address,
        where,
        timeoutMs,
        body: JSON.stringify(format === 'slack' ? slackFormat(notification) : genericFormat(notification)),
        headers: {
          'content-type': 'application/json',
          'x-spillway-notification-id': id,
          'idempotency-key': id,
          ...authorization,
        },
      });
      judge(status, where);
    },
  };
}

const genericFormat = ({ id, kind, release, service, environment, text, at }: Notification) => ({
  id,
  kind,
  release,
  service,
  environment,
  text,
  at,
});

/** A header holds printable ASCII alone; any other id goes by its hash, the same one each time. */
const headerId = (id: string): string =>
  /^[\x21-\x7e]{1,255}$/.test(id) ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;

function parseAddress(url: string) {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    throw new PortError('Rejected', 'webhook: the secret is not an http or https URL; correct it where it is kept');
  }
  const where = `webhook at ${address.host}`;
  const { username, password } = address;
  if (username === '' && password === '') return { address: address.href, where, authorization: {} };
  // fetch refuses a URL with credentials in it.
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  address.username = '';
  address.password = '';
  return { address: address.href, where, authorization: { authorization: `Basic ${credentials}` } };
}

type Post = {
  readonly address: string;
  readonly where: string;
  readonly timeoutMs: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

async function post({ address, where, timeoutMs, body, headers }: Post): Promise<number> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal });
    // Unread: it is of no use to us, and quoting it could quote a secret.
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    const why = reason(error, timeoutMs);
    throw new PortError('TargetUnavailable', `${where}: ${why}; it is tried again, check that the receiver is up`);
  }
}

/** The code alone: messages of the HTTP client may quote the URL. */
function reason(error: unknown, timeoutMs: number): string {
  if (typeof error !== 'object' || error === null) return 'no connection';
  if ('name' in error && error.name === 'TimeoutError') return `no answer within ${formatDuration(timeoutMs)}`;
  const code = errorCode('cause' in error ? error.cause : error);
  return code === undefined ? 'no connection' : `no connection (${code})`;
}

function judge(status: number, where: string): void {
  if (status >= 200 && status < 300) return;
  if (status >= 400 && status < 500 && !passingClientErrors.includes(status)) {
    throw new PortError('Rejected', `${where}: it answers ${status}; check the URL and the token in the secret`);
  }
  const why = status < 400 ? 'redirects are not followed, name the final address' : 'it is tried again';
  throw new PortError('TargetUnavailable', `${where}: it answers ${status}; ${why}`);
}
