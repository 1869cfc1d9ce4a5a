import { PortError } from '../../ports/errors';

const leastHelpedByRetry = ['Rejected', 'Conflict', 'TargetUnavailable', 'NotConverged'] as const;

/** Waits for all, then throws one fault that names every proxy that failed, with the code that retrying helps least. */
export const settleProxies = async <T>(work: readonly Promise<T>[]): Promise<readonly T[]> => {
  const values: T[] = [];
  const faults: PortError[] = [];
  let bug: { readonly error: unknown } | undefined;
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'fulfilled') values.push(result.value);
    else if (result.reason instanceof PortError) faults.push(result.reason);
    else bug ??= { error: result.reason };
  }
  if (bug !== undefined) throw bug.error;
  const [first] = leastHelpedByRetry.flatMap((code) => faults.filter((fault) => fault.code === code));
  if (first === undefined) return values;
  if (faults.length === 1) throw first;
  throw new PortError(first.code, faults.map(({ message }) => message).join(' '), { cause: first });
};
