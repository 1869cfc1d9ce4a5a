import type { Json } from '../../core/json';
import type { FlagsPort } from '../../ports/flags';
import type { PortError } from '../../ports/errors';

/** Flags in memory. */
export type MemoryFlags = FlagsPort & {
  readonly all: ReadonlyMap<string, Json>;
  /** Every such call throws the error until it is set to undefined. */
  setFailure(call: 'read' | 'write', error: PortError | undefined): void;
};

/** Flags that begin with the given values. */
export function createMemoryFlags(initial: { readonly [flag: string]: Json } = {}): MemoryFlags {
  const flags = new Map(Object.entries(initial));
  const failures = new Map<'read' | 'write', PortError>();
  const enter = async (call: 'read' | 'write') => {
    await Promise.resolve();
    const failure = failures.get(call);
    if (failure !== undefined) throw failure;
  };
  return {
    read: async (flag) => {
      await enter('read');
      return flags.get(flag);
    },
    foretell: (_, { value }) => Promise.resolve(value),
    isHalfWritten: () => Promise.resolve(false),
    write: async (flag, value) => {
      await enter('write');
      if (value === undefined) flags.delete(flag);
      else flags.set(flag, value);
    },
    all: flags,
    setFailure: (call, error) => void (error ? failures.set(call, error) : failures.delete(call)),
  };
}
