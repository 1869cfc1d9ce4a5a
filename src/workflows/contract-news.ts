import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { Publication } from '../core/evidence/publication';
import { mostWaitingNotices } from '../core/evidence/waiting';
import type { Author, NotificationKind, SealedPlan } from '../core/plan/plan';
import { contractPublication } from '../core/release/contract-publication';
import type { ContractState } from '../core/release/contract-state';
import { isActivityFault } from './faults';
import type { Connected } from './retries';

/** What store and people have not heard of a contract yet, as a new run carries it on. */
export type CarriedNews = { readonly lastSeq: number; readonly untold: readonly Publication[] };

export const noNews: CarriedNews = { lastSeq: 0, untold: [] };

/** Store and people learn of a contract, in order; nothing but the very end waits for that. */
export function createContractNews(sealed: SealedPlan, { notices }: Pick<Connected, 'notices'>, carried: CarriedNews) {
  const author: Author = { seal: sealed.seal, mac: sealed.mac };
  let { lastSeq } = carried;
  let untold: readonly Publication[] = [];
  let last: Promise<void> = Promise.resolve();

  async function publish(publication: Publication, earlier: Promise<void>): Promise<void> {
    await earlier;
    try {
      await CancellationScope.nonCancellable(() =>
        notices.publish.executeWithOptions({ summary: publication.row.sentence.slice(0, 150) }, [
          { author, publication },
        ]),
      );
    } catch (error) {
      // The history has it all; a store that refuses must not keep a contract from its end.
      if (!isActivityFault(error)) throw error;
    }
    untold = untold.slice(1);
  }

  function send(publication: Publication): void {
    untold = [...untold, publication];
    last = publish(publication, last);
  }

  carried.untold.forEach(send);
  return {
    tell(kind: NotificationKind, state: ContractState): void {
      // Tried again for weeks while the store is away: what a new run carries has a size.
      if (untold.length >= mostWaitingNotices && kind === 'incomplete') return;
      lastSeq += 1;
      const { workflowId } = workflowInfo();
      send(contractPublication({ sealed, state, workflowId, kind, seq: lastSeq, atMs: Date.now() }));
    },
    /** Returns when everything is told, however long that takes. */
    drain: (): Promise<void> => last,
    carry: (): CarriedNews => ({ lastSeq, untold }),
  };
}
