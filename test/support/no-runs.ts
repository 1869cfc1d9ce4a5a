import type { RunsPort } from '../../src/ports/run-chain';

/** A Temporal that knows of no run. */
export const noRuns: RunsPort = {
  describe: () => Promise.resolve(undefined),
  list: () => Promise.resolve([]),
  next: () => Promise.resolve(undefined),
  hasBegun: () => Promise.resolve(false),
  report: () => Promise.resolve(undefined),
  state: () => Promise.resolve(undefined),
  terminate: () => Promise.resolve(),
};
