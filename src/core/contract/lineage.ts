/** One migration that came with one version of a service, as the migrated database itself recorded it. */
export type LineageEntry = {
  readonly service: string;
  readonly version: string;
  readonly release: string;
  readonly migration: string;
  /** Parts applied by or found by the release that stand; once none does, those that it took back. */
  readonly parts: readonly string[];
  /** ISO 8601: when the release came to its first part. */
  readonly at: string;
  /** ISO 8601: when it was taken back; undefined while it stands. */
  readonly undoneAt?: string;
};
