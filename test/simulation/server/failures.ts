import type { Fields } from './workflow-instance';

/** How an attempt of an activity came to its end. */
export type Outcome =
  | { readonly kind: 'completed'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly type: string; readonly message: string; readonly isRetryable: boolean }
  | { readonly kind: 'timed-out'; readonly what: 'heartbeat' | 'start-to-close' | 'schedule-to-close' }
  | { readonly kind: 'cancelled' };

type Ended = Exclude<Outcome, { kind: 'completed' }>;

const timeoutTypes = { 'start-to-close': 1, 'schedule-to-close': 3, heartbeat: 4 } as const;

function causeOf(outcome: Ended): Fields {
  switch (outcome.kind) {
    case 'failed':
      return {
        message: outcome.message,
        source: 'simulation',
        applicationFailureInfo: { type: outcome.type, nonRetryable: !outcome.isRetryable },
      };
    case 'timed-out':
      return { message: `${outcome.what} time-out`, timeoutFailureInfo: { timeoutType: timeoutTypes[outcome.what] } };
    case 'cancelled':
      return { message: 'cancelled', canceledFailureInfo: {} };
  }
}

/** The failure of an activity as its workflow gets it. */
export const failureOf = (activityType: string, outcome: Ended): Fields => ({
  message: 'activity failed',
  activityFailureInfo: { activityType: { name: activityType }, activityId: '1', retryState: 2 },
  cause: causeOf(outcome),
});
