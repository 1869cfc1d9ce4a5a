import { PortError } from '../../src/ports/errors';

/** The PortError a call ends with; anything else fails the test. */
export async function failure(call: Promise<unknown>): Promise<PortError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PortError)) throw new Error(`expected a PortError, got ${String(error)}`);
  return error;
}
