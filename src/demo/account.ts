import type { LoadRecord } from '../stack/load-records';
import { isOf, isOk } from '../stack/load-records';

/** What users met while a release ran, by the load's own records. */
export type Account = {
  readonly requests: number;
  readonly failed: number;
  /** Failed requests that the new version did not answer. */
  readonly failedElsewhere: number;
  readonly canaryRequests: number;
  /** From the first bad answer of the new version to the start of the last request it was sent. */
  readonly breach?: { readonly atMs: number; readonly lastRequestAtMs: number };
};

/** Sums up finished requests; `firstFailureAtMs` is what the new version itself recorded, where it could be asked. */
export function accountOf(
  records: readonly LoadRecord[],
  { version, firstFailureAtMs }: { readonly version: string; readonly firstFailureAtMs?: number | undefined },
): Account {
  const failed = records.filter((record) => !isOk(record));
  const canary = records.filter((record) => isOf(record, version));
  const firstBad = failed.find((record) => isOf(record, version));
  const atMs = firstFailureAtMs ?? (firstBad === undefined ? undefined : firstBad.startedAt + firstBad.durationMs);
  const lastRequestAtMs = canary.reduce((last, { startedAt }) => Math.max(last, startedAt), 0);
  return {
    requests: records.length,
    failed: failed.length,
    failedElsewhere: failed.filter((record) => !isOf(record, version)).length,
    canaryRequests: canary.length,
    ...(atMs === undefined ? {} : { breach: { atMs, lastRequestAtMs } }),
  };
}
