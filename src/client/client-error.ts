export type ClientErrorCode =
  /** The connection settings themselves cannot be used. */
  | 'configuration'
  | 'unreachable'
  | 'unauthorized'
  | 'namespace-missing'
  | 'attributes-missing'
  | 'not-found'
  | 'ambiguous'
  | 'already-running'
  /** The release has ended: nothing can be asked of it any more. */
  | 'ended'
  /** Terminated or timed out by Temporal: it ended without a report. */
  | 'terminated'
  /** The release looked at the message and said no. */
  | 'refused'
  | 'no-worker'
  | 'timed-out'
  | 'invalid'
  | 'internal';

/** A fault in plain words: what, where, why and what to do next. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
