/** Which bucket of a histogram ends at a bound; the unit of the bounds is seconds when left out. */
type BucketRule = { readonly aboveMs: number; readonly unit?: 'ms' };

/** The bound as the buckets write it, in their unit. */
export const bucketBound = ({ aboveMs, unit }: BucketRule): number => (unit === 'ms' ? aboveMs : aboveMs / 1_000);

/** Matches the bucket of the bound. Client libraries write the bound 1 as "1" or "1.0". */
export const bucketMatcher = (rule: BucketRule): string => {
  const bound = bucketBound(rule);
  const written = String(bound).replace('.', '\\\\.');
  return Number.isInteger(bound) ? `le=~"${written}(\\\\.0+)?"` : `le=~"${written}0*"`;
};
