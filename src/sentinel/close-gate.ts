import { describeSplit } from '../adapters/traffic/haproxy-split';
import { servedBy } from '../core/sentinel/guard';
import type { LeaseRecord } from '../core/sentinel/lease';
import type { SentinelFile } from '../core/sentinel/schema';
import type { Slot } from '../core/plan/effects';
import { PortError } from '../ports/errors';
import { proxiesOf, type Proxy } from './proxies';

/** What one proxy showed before and after, or why it could not be closed. */
export type ClosedProxy = {
  readonly socket: string;
  readonly before?: string;
  readonly after?: string;
  readonly problem?: string;
};

/** The slot that is safe as far as the sentinel's own record goes. */
export const safeSlot = (record: LeaseRecord | undefined): Slot | undefined =>
  record?.state === 'ended' ? record.serving : record?.roles.baseline;

async function closeProxy({ socket, traffic }: Proxy, serving: Slot): Promise<ClosedProxy> {
  let before: string | undefined;
  try {
    before = describeSplit(await traffic.readSplit());
    await traffic.writeSplit(servedBy(serving));
    return { socket, before, after: describeSplit(await traffic.readSplit()) };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return { socket, ...(before === undefined ? {} : { before }), problem: error.message };
  }
}

/** Brings everybody to one slot at every proxy of a target, whatever else is dead, and reads it back. */
export const closeGate = (place: SentinelFile['targets'][string], serving: Slot): Promise<readonly ClosedProxy[]> =>
  Promise.all(proxiesOf(place).map((proxy) => closeProxy(proxy, serving)));
