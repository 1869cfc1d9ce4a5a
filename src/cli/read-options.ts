import { parseDuration } from '../core/duration';
import { UsageError } from './fault';

/** Milliseconds of an option such as `10m`; undefined when it is not given. */
export function readDuration(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new UsageError(`${option} wants a duration such as 30s, 10m or 4h, not ${JSON.stringify(text)}.`);
  return ms;
}

export type Until = 'approval' | 'done';

export function readUntil(text: string | undefined): Until {
  if (text === undefined || text === 'done') return 'done';
  if (text === 'approval') return text;
  throw new UsageError(`--until wants approval or done, not ${JSON.stringify(text)}.`);
}

/** What every command that speaks of one release takes. */
export type ReleaseOptions = {
  readonly release: string;
  readonly environment?: string | undefined;
  readonly json?: boolean | undefined;
  /** Whether the contract of the service is meant, not its release. */
  readonly contract?: boolean | undefined;
};
