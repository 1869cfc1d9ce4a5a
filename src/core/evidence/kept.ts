import type { SealedPlan } from '../plan/plan';
import type { Snapshot } from '../release/snapshot';

/** Everything a rollback needs, kept in the store before the first change: the way back when Temporal has lost the release. */
export type KeptRelease = {
  /** First run id. */
  readonly release: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly requestedBy: string;
  readonly sealed: SealedPlan;
  readonly snapshot: Snapshot;
  readonly rolesMac: string;
  /** Which attempt of the preflight took the snapshot: a late one that was thought dead does not replace a newer. */
  readonly attempt: number;
  /** MAC over seal, snapshot and slots: whoever may write to the store cannot make one up. */
  readonly mac: string;
};
