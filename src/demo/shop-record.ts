/** What a running shop says about itself at its control endpoint. */
type ShopRecord = { readonly firstFailureAt: number | null };

const isRecord = (value: unknown): value is ShopRecord =>
  typeof value === 'object' &&
  value !== null &&
  'firstFailureAt' in value &&
  (value.firstFailureAt === null || typeof value.firstFailureAt === 'number');

const askEveryMs = 100;

/** Asks a slot's shop again and again, because it is gone when the release is over; keeps its first failure. */
export function recordFirstFailure(slotUrl: string, version: string) {
  let firstFailureAtMs: number | undefined;
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch(`${slotUrl}/admin/behaviour`, { signal: AbortSignal.timeout(1_000) });
      const record: unknown = await response.json();
      if (response.headers.get('x-version') === version && isRecord(record))
        firstFailureAtMs ??= record.firstFailureAt ?? undefined;
    } catch {
      // Before it is deployed and after it is undone nobody answers there; the load's records remain.
    }
  };
  const timer = setInterval(() => void ask(), askEveryMs);
  return { stop: () => clearInterval(timer), firstFailureAtMs: () => firstFailureAtMs };
}
