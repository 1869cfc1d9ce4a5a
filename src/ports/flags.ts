import type { Json } from '../core/json';

/** A flag as it reads now, and what somebody wants it to become. */
export type FlagWish = { readonly found: Json | undefined; readonly value: Json };

/** What a flag reads as, and the two ends of a write that may have been under way. */
export type FlagBetween = {
  readonly found: Json | undefined;
  readonly from: Json | undefined;
  readonly to: Json | undefined;
};

/** Feature flags. A flag that does not exist reads as `undefined`. */
export interface FlagsPort {
  /** The whole flag: writing it back restores the flag exactly. */
  read(flag: string): Promise<Json | undefined>;
  /**
   * What the flag reads as once `value` was written over `found`; it changes nothing. A value may be short, such as `true`
   * for a flag that has a definition, and what it means is found out here, before anything is changed.
   * @throws PortError `Rejected` for a value that a flag of this kind cannot have.
   */
  foretell(flag: string, wish: FlagWish): Promise<Json>;
  /**
   * Whether a write that began at `from` and was to end at `to` may have left `found` when it stopped in the middle. Never where
   * a flag is written whole; it asks nobody and changes nothing.
   */
  isHalfWritten(flag: string, between: FlagBetween): Promise<boolean>;
  /** Idempotent; `undefined` removes the flag. */
  write(flag: string, value: Json | undefined): Promise<void>;
}
