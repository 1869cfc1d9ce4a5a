import { plural } from '../plural';
import type { Dependent, QuietReport } from './quiet';

/** What a port tells of the use of a login; times in epoch milliseconds by the clock of the target. */
type Use = {
  readonly atMs: number;
  readonly sessions: readonly string[];
  readonly unlistedCount: number;
  readonly calls?: number;
  readonly epoch?: string;
  readonly blind?: string;
};

type Login = {
  readonly login: string;
  readonly target: string;
  /** `taken`: a later release has made it valid again. */
  readonly state: 'open' | 'closed' | 'revoked' | 'taken';
  /** Configurations that name it and serve. */
  readonly namedBy?: readonly Dependent[];
};

/**
 * Who still uses a login, by two looks: open sessions stand against it outright, statements that it ran since the last look
 * begin the quiet time anew. The first look knows of nothing before it.
 */
export function reportLoginUse(
  { login, target, state, namedBy = [] }: Login,
  use: Use,
  before?: QuietReport,
): QuietReport {
  const name = `login ${login} of ${target}`;
  // What is revoked already, or not ours to take away, has nobody to wait for.
  if (state === 'revoked' || state === 'taken') return { removes: [], dependents: [], readers: [], unlisted: 0 };
  const last = before?.watch;
  const lost = last === undefined ? undefined : whyUsed(last, use);
  const isUsed = last === undefined || lost !== undefined || use.sessions.length > 0;
  const usedAtMs = isUsed ? use.atMs : last.usedAtMs;
  return {
    removes: [name],
    dependents: [...namedBy, ...use.sessions.map((session) => ({ kind: 'session', name: session }))],
    readers: [],
    quietMs: Math.max(0, use.atMs - usedAtMs),
    unlisted: use.unlistedCount,
    watch: {
      atMs: use.atMs,
      usedAtMs,
      ...(use.calls === undefined ? {} : { calls: use.calls, epoch: use.epoch ?? '' }),
    },
    ...(use.blind === undefined ? {} : { blind: use.blind }),
    ...(lost === undefined ? {} : { lost }),
  };
}

/** Why the login counts as used since the last look; undefined when it does not. */
function whyUsed(
  { calls: before, epoch: lastEpoch }: { readonly calls?: number; readonly epoch?: string },
  { calls, epoch = '' }: Use,
): string | undefined {
  if (calls === undefined) return undefined;
  if (before === undefined) return 'its statements could not be counted until now, so the time began anew';
  if (epoch !== lastEpoch || calls < before)
    return 'pg_stat_statements was reset or forgot statements, so the time began anew';
  return calls === before ? undefined : `it ran ${plural(calls - before, 'statement')} since the last look`;
}
