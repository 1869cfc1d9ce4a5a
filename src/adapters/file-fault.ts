import { PortError } from '../ports/errors';

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

/** The errno of a file-system error, or undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A file-system error as a PortError naming path and errno; any other error comes back as it is. */
export function fileFault(doing: string, path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof PortError) return error;
  const code = passing.includes(errno) ? 'TargetUnavailable' : 'Rejected';
  const next = 'check the path and the rights of the worker on the file and its directory';
  return new PortError(code, `${path}: cannot be ${doing} (${errno}); ${next}`);
}
