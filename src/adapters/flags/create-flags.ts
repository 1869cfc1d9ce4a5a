import { durationMs } from '../../core/duration';
import type { TargetOf } from '../../core/environment/schema';
import type { FlagsPort } from '../../ports/flags';
import { bounded } from '../bounded';
import { fileTimeoutMs } from '../whole-file';
import { createFlagFile } from './file';
import { createFlagdFile } from './flagd';
import { createUnleashFlags } from './unleash';

/** One write is several requests, each with a time-out of its own. */
const requestsAtMost = 6;

type Context = {
  /** The target, as the environment names it. */
  readonly name: string;
  readonly secret: (reference: string) => string;
};

/** The flags of one target of the environment; every call ends. */
export function createFlags(
  target: TargetOf<'flag-file' | 'flagd-file' | 'unleash'>,
  { name, secret }: Context,
): FlagsPort {
  switch (target.kind) {
    case 'flag-file':
      return bounded(createFlagFile(target), { target: name, timeoutMs: fileTimeoutMs });
    case 'flagd-file':
      return bounded(createFlagdFile(target), { target: name, timeoutMs: fileTimeoutMs });
    case 'unleash': {
      const timeoutMs = durationMs(target.timeout);
      const flags = createUnleashFlags({ ...target, token: secret(target.token), timeoutMs });
      return bounded(flags, { target: name, timeoutMs: requestsAtMost * timeoutMs });
    }
  }
}
