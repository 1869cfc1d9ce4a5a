/** Longest and middle time without a sample between two moments, both of which count as ends. Times in milliseconds. */
export function gapsBetween(
  samplesMs: readonly number[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): { readonly samples: number; readonly gapsMs: readonly number[] } {
  const inside = samplesMs.filter((atMs) => atMs > fromMs && atMs < toMs).sort((a, b) => a - b);
  const ends = [...inside, toMs];
  return { samples: inside.length, gapsMs: ends.map((atMs, index) => atMs - (ends[index - 1] ?? fromMs)) };
}
