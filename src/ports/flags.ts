import type { Json } from '../core/json';

/** Feature flags. A flag that does not exist reads as `undefined`. */
export interface FlagsPort {
  read(flag: string): Promise<Json | undefined>;
  /** Idempotent; `undefined` removes the flag. */
  write(flag: string, value: Json | undefined): Promise<void>;
}
