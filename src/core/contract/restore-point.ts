/** A copy, or a backup, from which what a contract part removes was restored once already, to see that it can be. */
export type RestorePoint = {
  readonly kind: 'copy' | 'backup';
  /** Its table in the schema of copies, or what the backup command called it. */
  readonly name: string;
  /** What it holds, e.g. `public.orders.customer`. */
  readonly of: string;
  /** Rows with a value; undefined for a backup. */
  readonly rows?: number;
  readonly bytes?: number;
  /** Sum over the hashes of all rows; the same for the original, the copy and what was restored from it. */
  readonly checksum?: string;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly tookMs: number;
  /** ISO 8601; undefined where the environment's own commands keep it as they do. */
  readonly keptUntil?: string;
};
