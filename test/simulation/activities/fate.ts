import type { Doing, Target } from './model';

/** What becomes of an attempt at one of its calls. */
export type Fate =
  | { readonly kind: 'goes-on' }
  /** Its process is killed. */
  | { readonly kind: 'dies' }
  /** Its process stands still for so long, and then goes on as if nothing had been. */
  | { readonly kind: 'freezes'; readonly ms: number }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'refused' };

export type WorkerChaos = {
  latencyMs(target: Target): number;
  fateAt(target: Target): Fate;
  fails: Doing['fails'];
};

export type Started = {
  die(): void;
  freeze(ms: number): void;
  cancel(): void;
};
