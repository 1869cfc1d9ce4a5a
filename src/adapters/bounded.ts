import { PortError } from '../ports/errors';
import { startPatientTimer } from './patient-timer';

export type Bound = {
  /** The target, as the environment names it. */
  readonly target: string;
  /** Longest wait for one call, in milliseconds. */
  readonly timeoutMs: number;
};

/**
 * The same port, each of whose calls ends: a disk or a provider that hangs is away like one that does not answer. What was
 * begun may still land, which the next read shows.
 * @throws PortError TargetUnavailable once a call took longer than `timeoutMs`.
 */
export function bounded<P extends object>(port: P, { target, timeoutMs }: Bound): P {
  return new Proxy(port, {
    get(from, name, receiver): unknown {
      const call: unknown = Reflect.get(from, name, receiver);
      if (typeof call !== 'function') return call;
      return (...args: readonly unknown[]): Promise<unknown> =>
        new Promise((resolve, reject) => {
          const late = (): void =>
            reject(
              new PortError(
                'TargetUnavailable',
                `${target}: ${String(name)} did not end within ${timeoutMs} ms. Look whether its disk or its provider hangs; it is tried again.`,
              ),
            );
          const stop = startPatientTimer(timeoutMs, late);
          const begin = (): unknown => Reflect.apply(call, from, args);
          Promise.resolve().then(begin).then(resolve, reject).finally(stop);
        });
    },
  });
}
