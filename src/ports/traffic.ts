import type { Slot } from '../core/plan/effects';
import type { SlotState } from '../core/release/snapshot';

/** One slot as the data plane reports it. `weight` is the share wanted, 0 to 100. */
export type SlotTraffic = { readonly weight: number; readonly state: SlotState };

export type Split = { readonly blue: SlotTraffic; readonly green: SlotTraffic };

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

/** Moves users between slots. One target may be several proxies: all are written, all are verified. */
export interface TrafficPort {
  /**
   * Idempotent. Writes every proxy, reads back; throws NotConverged naming the proxy that differs. After it no slot gets a
   * burst above its share.
   */
  writeSplit(split: Split): Promise<void>;
  /**
   * Shares in percent, and nothing else: a slot in `maint` stays there. Otherwise as `writeSplit`. A share of `falling` is only
   * ever lowered: NotConverged, and nothing written, where a proxy shows less already.
   */
  writeWeights(shares: Shares, falling?: Slot): Promise<void>;
  readSplit(): Promise<Split>;
  /** Split and counters in one cheap read, for the watch. Watchers may share one: then they get the same object. */
  read(): Promise<TrafficReading>;
}
