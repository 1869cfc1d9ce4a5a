import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { PortError } from '../ports/errors';
import { lastMove } from './last-move';

/**
 * How long a target may be away or slow before the activity gives up: milliseconds since it was first scheduled, or since
 * long work last got further.
 */
export type FaultBounds = { readonly transientMs: number };

// The store may be away for days: what is written to it waits, because no release waits for it.
const patient: ReadonlySet<string> = new Set(['publish', 'recordRole', 'readLastSeq', 'keepRelease']);

const isTransient = (error: PortError): boolean => error.code === 'TargetUnavailable' || error.code === 'NotConverged';

/**
 * Turns faults of ports into failures with a stable type. The world being slow is retried up to a bound; a refusal ends
 * at once; anything else is a bug and is retried until a deploy mends it, visible all the while.
 */
export const createFaultInterceptor =
  (bounds: FaultBounds, now: () => number): ActivityInterceptorsFactory =>
  (context: Context) => {
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (!(error instanceof PortError)) throw error;
          const waitedMs = now() - (lastMove(context) ?? context.info.scheduledTimestampMs);
          const isPatient = patient.has(context.info.activityType);
          const isOver = !isTransient(error) || (!isPatient && waitedMs >= bounds.transientMs);
          const after = isTransient(error) && isOver ? ` (for ${Math.round(waitedMs / 1_000)} s)` : '';
          throw ApplicationFailure.create({
            type: error.code,
            message: `${error.message}${after}`,
            nonRetryable: isOver,
          });
        }
      },
    };
    return { inbound };
  };
