import { bytesOf, mostWaitingBytes, mostWaitingNotices } from '../core/evidence/waiting';
import type { EvidenceRecord } from '../core/evidence/record';
import { recordOf } from '../core/evidence/record-event';
import type { EvidenceGap, ReleaseEvent } from '../core/release/events';
import type { PendingNotice } from '../core/release/notices';
import { isEndless } from '../core/release/repeats';

export type Taken = { readonly evidence: readonly EvidenceRecord[]; readonly notices: readonly PendingNotice[] };

/** What waits for the store, as a new run carries it on. */
export type CarriedBacklog = {
  readonly seq: number;
  readonly unpublished: readonly EvidenceRecord[];
  readonly notices: readonly PendingNotice[];
  /** What was only counted, because too much waited already. */
  readonly leftOut: EvidenceGap['leftOut'];
  /** False while nobody knows which evidence of the release the store has: `seq` is counted from 0 then. */
  readonly isChainKnown?: boolean;
};

export const emptyBacklog: CarriedBacklog = { seq: 0, unpublished: [], notices: [], leftOut: {} };

/** Evidence and notices that the store does not have yet, in their order; its size is bounded however long the store is away. */
export function createBacklog(carried: CarriedBacklog) {
  let { seq } = carried;
  let unpublished = [...carried.unpublished];
  let notices = [...carried.notices];
  let isChainKnown = carried.isChainKnown ?? true;
  let leftOut: { readonly [type: string]: number } = carried.leftOut;
  let waitingBytes = unpublished.reduce((sum, record) => sum + bytesOf(record), 0);

  const count = (type: string): void => {
    leftOut = { ...leftOut, [type]: (leftOut[type] ?? 0) + 1 };
  };
  return {
    add(event: ReleaseEvent, atMs: number): void {
      if (waitingBytes > mostWaitingBytes && isEndless(event)) return count(event.type);
      seq += 1;
      const record = recordOf(event, seq, atMs);
      unpublished.push(record);
      waitingBytes += bytesOf(record);
    },
    notify(notice: PendingNotice): void {
      if (notices.length >= mostWaitingNotices && notice.kind !== 'ended') return count('notice');
      notices.push(notice);
    },
    /** Takes what is not published yet; `putBack` returns it when the store did not take it. */
    take(most: number): Taken {
      const taken = { evidence: unpublished.slice(0, most), notices: notices.slice(0, most) };
      unpublished = unpublished.slice(most);
      notices = notices.slice(most);
      waitingBytes -= taken.evidence.reduce((sum, record) => sum + bytesOf(record), 0);
      return taken;
    },
    putBack(taken: Taken): void {
      unpublished = [...taken.evidence, ...unpublished];
      notices = [...taken.notices, ...notices];
      waitingBytes += taken.evidence.reduce((sum, record) => sum + bytesOf(record), 0);
    },
    isChainKnown: (): boolean => isChainKnown,
    /** Evidence goes on behind what the store has of the release; undefined while nobody knows what that is. */
    followChain(lastSeq: number | undefined): void {
      const shift = (lastSeq ?? 0) - (seq - unpublished.length);
      seq += shift;
      unpublished = unpublished.map((record) => ({ ...record, seq: record.seq + shift }));
      isChainKnown = lastSeq !== undefined;
    },
    /** What was only counted since the last time. */
    takeLeftOut(): EvidenceGap['leftOut'] {
      const taken = leftOut;
      leftOut = {};
      return taken;
    },
    waiting: (): { readonly facts: number; readonly notices: readonly PendingNotice[] } => ({
      facts: unpublished.length,
      notices,
    }),
    carry: (): CarriedBacklog => ({
      seq,
      unpublished,
      notices,
      leftOut,
      ...(isChainKnown ? {} : { isChainKnown }),
    }),
  };
}
