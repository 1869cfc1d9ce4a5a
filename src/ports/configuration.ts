import type { Json } from '../core/json';
import type { Slot, Slots } from '../core/plan/effects';

export type ConfigurationValues = { readonly [key: string]: string | number | boolean | null };

/** Configuration of one slot, as one versioned document. */
export interface ConfigurationPort {
  /** SHA-256 of the slot's bytes; `absent` when there is no document. */
  digest(slot: Slot): Promise<string>;
  /** What the slot's document has for each of these keys; a key that it does not have is left out. */
  read(slot: Slot, keys: readonly string[]): Promise<ReadonlyMap<string, Json>>;
  /** The canary gets the baseline's document with `set` merged in; idempotent; keeps the earlier bytes under `release`. */
  apply(slots: Slots, set: ConfigurationValues, release: string): Promise<void>;
  /** Puts the earlier bytes back; a no-op when nothing is kept under `release`. */
  restore(slots: Slots, release: string): Promise<void>;
  /** Whether every key of `set` reads back in the canary's document. */
  isApplied(slots: Slots, set: ConfigurationValues): Promise<boolean>;
}
