/** What went wrong at a target, in words that callers act on. */
export type PortErrorCode =
  /** The target does not answer now; trying again may help. */
  | 'TargetUnavailable'
  /** The write was taken but is not visible yet. */
  | 'NotConverged'
  /** The target refuses; trying again will not help. */
  | 'Rejected'
  /** Somebody else changed the target. */
  | 'Conflict';

/** A fault at a port: what, where, why and what to do next, in one message. */
export class PortError extends Error {
  override readonly name = 'PortError';
  constructor(
    readonly code: PortErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
