import { Context, log } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { PortError } from '../ports/errors';
import type { Split, TrafficPort, TrafficReading } from '../ports/traffic';
import { isSuperseded, readEnding } from './fence';
import { openEffect } from './permit';
import type { Ports } from './ports';
import { assertSame, describeSplit, endingSplit, isSameSplit } from './splits';
import { keepAlive } from './keep-alive';
import type { TrafficInput } from './traffic';

export type EndingInput = TrafficInput & {
  readonly isPromoted: boolean;
  /** First run id of the release, or of its recovery, that ended. */
  readonly endedBy: string;
};

export type EndingSeen =
  { readonly kind: 'superseded' } | { readonly kind: 'drift'; readonly observed: string; readonly wanted: string };

const lookEveryMs = 250;
const beatEveryMs = 1_500;
const askEveryMs = 2_000;
/** One look may fall into the middle of somebody's change. */
const looksBeforeDrift = 2;

type Found = Pick<TrafficReading, 'split' | 'disagreement'>;

/** Undefined while the proxy does not answer: what cannot be read is not known to differ. */
async function look(traffic: TrafficPort): Promise<Found | undefined> {
  try {
    return await traffic.read();
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}

const isShown = ({ split }: Found, wanted: Split): boolean => split !== undefined && isSameSplit(split, wanted);

const describeFound = ({ split, disagreement }: Found): string =>
  split === undefined ? (disagreement ?? 'nothing') : describeSplit(split);

/** Looks after the traffic once a release has ended: late writes of a worker that stood still, restarts, hands. */
export const createReconcileActivities = (ports: Ports) => ({
  /** Only reads; comes back when the proxy shows something else, or a later release of the service has begun. */
  watchEnding: async ({ permit, sealed, isPromoted, endedBy }: EndingInput): Promise<EndingSeen> => {
    const { target } = openEffect(ports, permit, sealed, 'expose');
    const context = Context.current();
    const traffic = ports.traffic(target);
    const wanted = endingSplit(permit.roles, isPromoted);
    let different = 0;
    let lastBeatMs = 0;
    let lastAskedMs = 0;
    for (;;) {
      const atMs = ports.now();
      if (atMs - lastBeatMs >= beatEveryMs) {
        lastBeatMs = atMs;
        context.heartbeat();
      }
      const found = await look(traffic);
      different = found !== undefined && !isShown(found, wanted) ? different + 1 : 0;
      if (different >= looksBeforeDrift || atMs - lastAskedMs >= askEveryMs) {
        lastAskedMs = atMs;
        if (await isSuperseded(ports, permit, endedBy)) return { kind: 'superseded' };
      }
      if (found !== undefined && different >= looksBeforeDrift)
        return { kind: 'drift', observed: describeFound(found), wanted: describeSplit(wanted) };
      if (context.cancellationSignal.aborted) throw new CancelledFailure('the guard of an ending was told to end');
      await ports.sleep(lookEveryMs);
    }
  },

  /** Sets the split of an ending again, unless a later release has begun. */
  restoreEnding: ({ permit, sealed, isPromoted }: EndingInput): Promise<'restored' | 'superseded'> =>
    keepAlive(async () => {
      const { target } = openEffect(ports, permit, sealed, 'expose');
      const traffic = ports.traffic(target);
      const wanted = endingSplit(permit.roles, isPromoted);
      if ((await readEnding(ports, permit, isPromoted)) === 'superseded') return 'superseded';
      const { unkept } = await traffic.writeSplit(wanted);
      if (unkept !== undefined)
        log.warn('the split of an ending is set, and a file is not', { target, reason: unkept });
      assertSame(target, await traffic.readSplit(), wanted);
      return 'restored';
    }),
});
