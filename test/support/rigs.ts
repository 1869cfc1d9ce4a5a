import { startRig, startTemporal, type Rig } from './release-rig';
import type { Policy } from '../../src/core/policy/schema';

const mostAtOnce = 4;

/**
 * One Temporal server a file and one rig a test; tests may run side by side, a few at once.
 * To be closed by `afterAll(rigs.close)`.
 */
export function createRigs(dynamicConfig: readonly string[] = []) {
  // Tests wait for a free place first, and other suites may use the same processors.
  jest.setTimeout(120_000);
  let temporal: ReturnType<typeof startTemporal> | undefined;
  let free = mostAtOnce;
  const waiting: (() => void)[] = [];

  async function enter(): Promise<void> {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
  }
  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
  return {
    /** A test over a rig of its own; every workflow it started is replayed when it ends well. */
    on: (work: (rig: Rig) => Promise<void>, policy?: Policy) => async (): Promise<void> => {
      await enter();
      try {
        const { connection } = await (temporal ??= startTemporal(dynamicConfig));
        const rig = await startRig(connection, policy);
        try {
          await work(rig);
        } finally {
          await rig.close();
        }
      } finally {
        leave();
      }
    },
    close: async (): Promise<void> => (await temporal)?.close(),
  };
}

export type Rigs = ReturnType<typeof createRigs>;
