import { parseDuration } from '../core/duration';
import { UsageError } from './fault';

/** Unix milliseconds of `now`, of a time such as 2026-11-22T08:00:00Z, or of a duration before now. */
export function readMoment(option: string, text: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const at = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(at)) return at;
  throw new UsageError(
    `${option} wants a time such as 2026-11-22T08:00:00Z, or how long ago, such as 24h; not ${JSON.stringify(text)}.`,
  );
}
