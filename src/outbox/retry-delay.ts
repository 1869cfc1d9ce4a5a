export type DeliveryFault = 'unavailable' | 'rejected' | 'unknown-sink';

const second = 1_000;
const minute = 60 * second;
const delays = {
  unavailable: { firstMs: second, longestMs: 5 * minute },
  rejected: { firstMs: 30 * second, longestMs: 30 * minute },
  'unknown-sink': { firstMs: 5 * minute, longestMs: 5 * minute },
} as const;

const givenUpMs = 6 * 60 * minute;

/** A sink that refuses this often is not asked at the usual pace any more. */
const rejectionsBeforeGivingUp = 20;

/** Milliseconds until the next attempt, doubling with the attempts made before this one. */
export function retryDelayMs(fault: DeliveryFault, attempts: number): number {
  if (isGivenUp(fault, attempts)) return givenUpMs;
  const { firstMs, longestMs } = delays[fault];
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 30));
}

/** Whether a person has to look: the item is kept, but asked about only every 6 hours. */
export const isGivenUp = (fault: DeliveryFault, attempts: number): boolean =>
  fault === 'rejected' && attempts + 1 >= rejectionsBeforeGivingUp;
