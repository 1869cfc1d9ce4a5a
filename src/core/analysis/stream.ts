/** What one arm did in one tick; counts are of this tick alone. */
export type ArmTick = {
  readonly n: number;
  readonly err: number;
  readonly buckets?: readonly number[];
  readonly cpu?: number;
};
/** Arms of one tick that ended `t` seconds after the start; an arm that is absent or null gave no data. */
export type StreamTick = {
  readonly t: number;
  readonly canary?: ArmTick | null;
  readonly baseline?: ArmTick | null;
  readonly stable?: ArmTick | null;
  /** The whole service in the same hour of the week before, or of several: only the share of bad ones is used, and only without a control. */
  readonly sameHour?: { readonly n: number; readonly err: number } | null;
};
/** What a stream says of itself: seconds a tick, planned ticks, upper bounds of the latency buckets (one fewer than buckets), shares of the traffic. */
export type StreamMeta = {
  readonly tickS: number;
  readonly ticks: number;
  readonly le: readonly number[];
  readonly share: { readonly canary: number; readonly baseline: number; readonly stable: number };
};
/** Why a stream is held: what is doubted, or `unproved` while it only waits for the proof of safety. */
export type HoldCause = 'split' | 'placebo' | 'no-data' | 'chart' | 'suspected' | 'unproved';
export type StreamDecision =
  | { readonly action: 'advance'; readonly reason: string }
  | { readonly action: 'hold'; readonly why: HoldCause; readonly reason: string }
  | { readonly action: 'roll-back'; readonly metric: string; readonly reason: string };
