import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { LeaseAnswer } from '../core/sentinel/lease';
import { endingBody, leaseBody, longestLookAgeMs, renewalBody, type SentinelStatus } from '../core/sentinel/messages';
import { PortError } from '../ports/errors';
import type { TargetGuard } from './guard-target';
import type { SentinelMetrics } from './metrics';

export type AppSources = {
  readonly token: string;
  readonly guards: ReadonlyMap<string, Pick<TargetGuard, 'hold' | 'renew' | 'end'>>;
  readonly status: () => SentinelStatus;
  readonly metrics: SentinelMetrics;
  readonly log: Logger;
};

type Guard = Pick<TargetGuard, 'hold' | 'renew' | 'end'>;

const mostBodyBytes = 4_096;

// Digests have one length, so that the comparison tells nothing of the token, not even that.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function isBearer(header: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

const isLive = ({ targets }: SentinelStatus): boolean =>
  Object.values(targets).every(({ lastLookAgeMs }) => lastLookAgeMs !== null && lastLookAgeMs <= longestLookAgeMs);

/** The sentinel's HTTP interface: leases behind a token, health and metrics without. */
export function createSentinelApp({ token, guards, status, metrics, log }: AppSources): Hono {
  const app = new Hono();

  app.get('/healthz', (context) => {
    const isOk = isLive(status());
    return context.json({ status: isOk ? 'ok' : 'a proxy was not looked at lately' }, isOk ? 200 : 503);
  });
  app.get('/metrics', async (context) =>
    context.text(await metrics.render(), 200, { 'content-type': metrics.contentType }),
  );

  app.use('/v1/*', async (context, next) => {
    if (isBearer(context.req.header('authorization'), token)) return next();
    return context.json({ error: 'the token is missing or wrong' }, 401);
  });
  app.use('/v1/*', bodyLimit({ maxSize: mostBodyBytes }));

  const serve =
    <S extends z.ZodType>(schema: S, act: (guard: Guard, body: z.infer<S>) => Promise<LeaseAnswer>) =>
    async (context: Context) => {
      const target = context.req.param('target') ?? '';
      const guard = guards.get(target);
      if (guard === undefined) return context.json({ error: `target ${target} is not in the sentinel's file` }, 404);
      const body: unknown = await context.req.json().catch(() => undefined);
      const parsed = schema.safeParse(body);
      if (!parsed.success) return context.json({ error: 'the body is not what this sentinel expects' }, 400);
      const answer = await act(guard, parsed.data);
      return context.json(answer, answer.isHeld ? 200 : 409);
    };
  app.put(
    '/v1/leases/:target',
    serve(leaseBody, (guard, lease) => guard.hold(lease)),
  );
  app.post(
    '/v1/leases/:target/renewal',
    serve(renewalBody, (guard, { release }) => guard.renew(release)),
  );
  app.post(
    '/v1/leases/:target/ending',
    serve(endingBody, (guard, ending) => guard.end(ending)),
  );
  app.get('/v1/status', (context) => context.json(status()));

  app.onError((error, context) => {
    const isKnown = error instanceof PortError;
    log.error({ error: isKnown ? error.message : (error.stack ?? error.message) }, 'a request failed');
    return context.json(
      { error: isKnown ? error.message : 'an unexpected fault; the log of the sentinel has it' },
      503,
    );
  });
  return app;
}
