import type { KeptSnapshot } from '../../../src/activities/permit';
import type { KnownState } from '../../../src/activities/release-runs';
import type { SealedEffect } from '../../../src/core/plan/effects';
import type { Permit, SealedPlan } from '../../../src/core/plan/plan';
import { PortError } from '../../../src/ports/errors';
import type { RunFacts } from '../../../src/ports/runs';
import type { Attempt } from '../server/activity';
import type { World } from '../world';

export type Target = 'proxy' | 'deployer' | 'database' | 'configuration' | 'flags' | 'store' | 'worker';

/** Ends an attempt as the real activity would. */
export class Fault extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly isRetryable: boolean,
  ) {
    super(message);
  }
}
/** The activity heard that it is cancelled and stopped. */
export class Stopped extends Error {}

/** One activity, call of a target by call of a target: each `yield` is a call, what follows is what it did. */
export type Steps = Generator<Target | Rest, unknown, void>;
/** A part of an activity that calls targets. */
export type Calls = Generator<Target, void, void>;
/** It waits by itself, and stops when it hears that it is cancelled. */
export type Rest = { readonly restMs: number };

export type Doing = {
  readonly world: World;
  readonly attempt: Attempt;
  readonly sealed: SealedPlan;
  readonly nowMs: () => number;
  readonly isCancelled: () => boolean;
  /** Is told when the server says that this attempt is still wanted. */
  readonly onAsked: () => void;
  /** What the server says of the run the attempt belongs to. */
  readonly describeRun: () => RunFacts | undefined;
  readonly beat: (details: unknown) => void;
  /** First run id of the latest release of the service. */
  readonly latestRelease: () => string | undefined;
  /** What the last heartbeat of a pending activity carried. */
  readonly lastHeartbeat: (workflowId: string, runId: string, type: string) => unknown;
  /** Makes the checks of the canary or of the data fail, where the seed wants it. */
  readonly fails: (what: 'preflight' | 'checks' | 'data' | 'start' | 'history') => boolean;
  /** What the history of a release whose run was terminated says of it. */
  readonly known: () => KnownState | undefined;
};

export type Input = {
  readonly permit: Permit;
  readonly sealed: SealedEffect;
  readonly canaryPercent: number;
  readonly onlyVerify: boolean;
  readonly digestBefore: string;
  readonly kept: KeptSnapshot;
  readonly isWritten?: boolean;
};
export type Models = { readonly [type: string]: ((doing: Doing, input: Input) => Steps) | undefined };

export function change({ world, attempt }: Doing, what: string, act: () => void): void {
  act();
  world.onChange(what, attempt);
}

/** A fault of a port in the real code the models use, as the fault of an activity. */
export const asFault = (error: unknown): Fault | undefined =>
  error instanceof Fault
    ? error
    : error instanceof PortError
      ? new Fault(error.code, error.message, error.code === 'TargetUnavailable' || error.code === 'NotConverged')
      : undefined;
