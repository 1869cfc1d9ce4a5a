import { PortError } from '../ports/errors';
import { errorCode } from './error-code';

const passing = [
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOSPC',
  'EDQUOT',
  'ESTALE',
  'ETIMEDOUT',
];

/** A file-system error as a PortError naming path and errno; any other error comes back as it is. */
export function fileFault(doing: string, path: string, error: unknown): unknown {
  const errno = errorCode(error);
  if (errno === undefined || error instanceof PortError) return error;
  const code = passing.includes(errno) ? 'TargetUnavailable' : 'Rejected';
  const next = 'check the path and the rights of the worker on the file and its directory';
  return new PortError(code, `${path}: cannot be ${doing} (${errno}); ${next}`);
}
