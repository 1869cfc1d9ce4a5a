import type { Lease, LeaseAnswer, LeaseEnding } from '../core/sentinel/lease';
import type { SentinelStatus } from '../core/sentinel/messages';

/**
 * Who closes the gate without the engine. Every call is idempotent.
 * Faults: TargetUnavailable when it does not answer or cannot keep what it is told; Rejected for a wrong token or an unknown target.
 */
export interface SentinelPort {
  /** What people call it. */
  readonly name: string;
  /** Takes, changes or renews the lease of a release. Acknowledged means kept on disk. */
  hold(target: string, lease: Lease): Promise<LeaseAnswer>;
  /** Gives a held lease its whole time again and changes nothing else. */
  renew(target: string, release: string): Promise<LeaseAnswer>;
  /** From now on one slot serves everybody; the sentinel guards that for ten minutes. */
  end(target: string, ending: LeaseEnding): Promise<LeaseAnswer>;
  status(): Promise<SentinelStatus>;
}
