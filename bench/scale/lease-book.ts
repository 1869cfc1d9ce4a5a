import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { serve } from '@hono/node-server';
import { pino } from 'pino';
import type { SentinelStatus } from '../../src/core/sentinel/messages';
import { guardTarget } from '../../src/sentinel/guard-target';
import { createSentinelApp } from '../../src/sentinel/http-app';
import { createSentinelMetrics } from '../../src/sentinel/metrics';
import { pickFreePort } from '../../src/stack/free-port';
import { nowMs } from '../../src/stack/load-sender';

/**
 * Keeps leases by the sentinel's own code and remembers when they were renewed. It looks at no proxy: a look at every
 * target five times a second would take the processor that is measured.
 */
export async function startLeaseBook(targets: readonly string[]) {
  const token = randomBytes(32).toString('hex');
  const log = pino({ level: 'silent' });
  const renewals: { readonly target: string; readonly atMs: number }[] = [];
  let lost = 0;
  const guards = new Map(
    targets.map((target) => {
      const guard = guardTarget({
        ...{ target, proxies: [], kept: undefined, nowMs, log },
        save: () => Promise.resolve(),
        onWritten: () => undefined,
        onExpired: () => void (lost += 1),
      });
      const renew = async (release: string) => {
        const answer = await guard.renew(release);
        if (answer.isHeld) renewals.push({ target, atMs: nowMs() });
        return answer;
      };
      return [target, { ...guard, renew }] as const;
    }),
  );
  const status = (): SentinelStatus => ({
    // A worker starts no release at a target that nobody looks at.
    targets: Object.fromEntries([...guards].map(([name, guard]) => [name, { ...guard.status(), lastLookAgeMs: 0 }])),
  });
  const app = createSentinelApp({ token, guards, status, metrics: createSentinelMetrics(status), log });
  const port = await pickFreePort();
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port, createServer });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    /** Leases that ran out while users were exposed. */
    countLost(): number {
      for (const guard of guards.values()) guard.record();
      return lost;
    },
    /** After this time every lease that nobody renews any more has run out. */
    longestLeftMs: (): number =>
      Math.max(0, ...[...guards.values()].map((guard) => guard.status().lease?.expiresInMs ?? 0)),
    firstRenewalsSince: (sinceMs: number): ReadonlyMap<string, number> =>
      new Map(
        renewals
          .filter(({ atMs }) => atMs > sinceMs)
          .reverse()
          .map(({ target, atMs }) => [target, atMs]),
      ),
    async stop(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

export type LeaseBook = Awaited<ReturnType<typeof startLeaseBook>>;
