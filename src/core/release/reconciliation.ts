import { plural } from '../plural';

/** One form of the data: rows that have it, and the sum of the hashes of key and value, as decimal text. */
type FormSum = { readonly rows: number; readonly checksum: string };

/** Old and new form of one table, in one consistent view of it. */
export type Reconciliation = {
  readonly id: string;
  readonly table: string;
  readonly rows: number;
  readonly old: FormSum;
  readonly new: FormSum;
  /** Rows on which the two forms say something else. */
  readonly differing: number;
  /** Keys of the first of them. */
  readonly keys: readonly string[];
};

/** `orders/name: 3 of 1,000 rows of public.orders differ (keys 1, 2, 3)`. */
export function describeReconciliation({ id, table, rows, differing, keys, ...forms }: Reconciliation): string {
  const all = `${rows.toLocaleString('en-US')} rows of ${table}`;
  if (differing === 0) return `${id}: ${all}, both forms agree (checksum ${forms.old.checksum})`;
  const more = keys.length < differing ? ', …' : '';
  return `${id}: ${differing.toLocaleString('en-US')} of ${all} differ (${keys.length === 1 ? 'key' : 'keys'} ${keys.join(', ')}${more})`;
}

/** What all of them say, in one sentence. */
export const describeAll = (found: readonly Reconciliation[]): string =>
  `${plural(found.length, 'pair')} of forms: ${found.map(describeReconciliation).join('; ')}`;

/** The part of a table whose keys hash to one bucket. */
export type Bucket = { readonly bucket: number; readonly rows: number; readonly checksum: string };
export type BucketNow = Bucket & {
  /** Rows that somebody else than the undo has written since. */
  readonly writtenSince: number;
};

/** The old form right before the undo of the new one, and now. */
export type OldFormChange = {
  readonly id: string;
  readonly table: string;
  readonly before: readonly Bucket[];
  readonly now: readonly BucketNow[];
};

export type OldFormVerdict = {
  readonly rowsBefore: number;
  readonly rowsNow: number;
  /** Rows of users who went on meanwhile. */
  readonly writtenSince: number;
  /** Buckets that changed although nobody but the undo wrote or deleted there. */
  readonly damaged: number;
};

const sum = (values: readonly { readonly rows: number }[]): number => values.reduce((all, { rows }) => all + rows, 0);

/**
 * Whether the undo left the old form alone. Users go on writing meanwhile: a bucket that changed counts against the undo
 * only where no row was written since and none is missing.
 */
export function judgeOldForm({ before, now }: OldFormChange): OldFormVerdict {
  const was = new Map(before.map((bucket) => [bucket.bucket, bucket]));
  const damaged = now.filter((bucket) => {
    const then = was.get(bucket.bucket) ?? { rows: 0, checksum: '0' };
    const isSame = then.rows === bucket.rows && then.checksum === bucket.checksum;
    return !isSame && bucket.writtenSince === 0 && bucket.rows >= then.rows;
  });
  // Whoever deletes leaves no trace, but users do not delete a whole table.
  const emptied = now.length === 0 ? before.length : 0;
  const writtenSince = now.reduce((all, bucket) => all + bucket.writtenSince, 0);
  return { rowsBefore: sum(before), rowsNow: sum(now), writtenSince, damaged: damaged.length + emptied };
}
