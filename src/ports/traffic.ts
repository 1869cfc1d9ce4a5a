import type { Asker } from '../core/cohorts/asker';
import type { Members } from '../core/cohorts/members';
import type { Slot } from '../core/plan/effects';
import type { SlotState } from '../core/release/snapshot';

/** One slot as the data plane reports it. `weight` is the share wanted, 0 to 100. */
export type SlotTraffic = { readonly weight: number; readonly state: SlotState };

export type Split = {
  readonly blue: SlotTraffic;
  readonly green: SlotTraffic;
  /** Whose users go by shares of their own; absent where nobody's do. */
  readonly members?: Members;
};

export type WeightOptions = { readonly falling?: Slot; readonly members?: Members | undefined };

/** The share of each slot, 0 to 100. */
export type Shares = { readonly [S in Slot]: number };

/** Requests the proxy passed to a slot; integers that only grow, resets already added up by the adapter. */
export type SlotCounters = {
  readonly requests: number;
  /** Answers 5xx, refused or broken connections and time-outs of the slot. */
  readonly bad: number;
};

export type TrafficReading = {
  /** What every proxy reports; undefined when they differ (then `disagreement` says how). */
  readonly split?: Split;
  readonly disagreement?: string;
  readonly counters: { readonly [S in Slot]: SlotCounters };
  /** Requests that a slot is working on at this moment, over all proxies. */
  readonly sessions: { readonly [S in Slot]: number };
  /** Slots in service that the health checks of at least one proxy find down: it sends nobody there. */
  readonly down: readonly Slot[];
  /** Grows by one whenever a proxy's counters were reset (restart), so that nobody reads a reset as good news. */
  readonly resets: number;
  /** Names the processes behind the proxies, the same for every reader: while it stays, nothing was lost by a restart. */
  readonly processes: string;
};

/** What a write that every proxy shows left undone. */
export type Written = {
  /**
   * Which file that a proxy begins with could not be written, what that means and what to do, in a sentence without its full
   * stop; absent where all files are as the proxies.
   */
  readonly unkept?: string;
};

/** Moves users between slots. One target may be several proxies: all are written, all are verified. */
export interface TrafficPort {
  /**
   * Idempotent. Writes every proxy, reads back; throws NotConverged naming the proxy that differs. After it no slot gets a
   * burst above its share. A split that names no members leaves none: slots first, so that a slot that closes loses them at once.
   * Files that proxies begin with are written, too: one that cannot be written refuses a step forward (Rejected or
   * TargetUnavailable, with path and errno) and is only told on the way back.
   */
  writeSplit(split: Split): Promise<Written>;
  /**
   * Shares in percent, and nothing else: a slot in `maint` stays there. Otherwise as `writeSplit`. A share of `falling` is only
   * ever lowered: NotConverged, and nothing written, where a proxy shows less already. `members` are left alone unless given.
   */
  writeWeights(shares: Shares, options?: WeightOptions): Promise<Written>;
  readSplit(): Promise<Split>;
  /**
   * Does all that a write does to the files that proxies begin with, but the last step: each stays byte for byte as it is.
   * Throws Rejected or TargetUnavailable with path and errno for one that could not be written.
   */
  tryFiles(): Promise<void>;
  /**
   * Sends one request as this asker through every proxy and says which slot answered it; undefined where an answer
   * does not say. Throws Rejected where the target cannot ask as them, TargetUnavailable where nobody answers.
   */
  whoServes(asker: Asker): Promise<readonly (Slot | undefined)[]>;
  /** Split and counters in one cheap read, for the watch. Watchers may share one: then they get the same object. */
  read(): Promise<TrafficReading>;
}
