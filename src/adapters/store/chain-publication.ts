import { chainRecords, chainStart } from '../../core/evidence/chain';
import { PortError } from '../../ports/errors';
import type { Publication } from '../../core/evidence/publication';
import type { StoredEvidence } from '../../ports/store';

/** What is stored of a release already: its newest record, and those of the publication's `seq`s. */
export type StoredChain = { readonly last: StoredEvidence | undefined; readonly repeated: readonly StoredEvidence[] };

/**
 * The records of a publication that are new, chained behind those stored; records stored already are left out.
 * @throws PortError `Rejected` for a gap, `Conflict` when a record differs from the stored one of its `seq`.
 */
export function chainPublication(
  { row, evidence }: Publication,
  { last, repeated }: StoredChain,
): readonly StoredEvidence[] {
  const where = `publishing evidence of ${row.release}`;
  const lastSeq = last?.seq ?? 0;
  const ordered = [...evidence].sort((a, b) => a.seq - b.seq);
  const fresh = ordered.filter(({ seq }) => seq > lastSeq);
  for (const [index, { seq }] of fresh.entries()) {
    const wanted = lastSeq + 1 + index;
    if (seq === wanted) continue;
    const next = 'publish what is missing first';
    throw new PortError('Rejected', `${where}: record ${seq} comes where ${wanted} is due: a gap; ${next}`);
  }
  for (const record of ordered.filter(({ seq }) => seq <= lastSeq)) {
    const stored = repeated.find(({ seq }) => seq === record.seq);
    if (stored !== undefined && chainRecords(stored.previous, [record])[0]?.hash === stored.hash) continue;
    const next = 'evidence is never changed: compare both, one of them is wrong';
    throw new PortError('Conflict', `${where}: record ${record.seq} is stored with another content; ${next}`);
  }
  return chainRecords(last?.hash ?? chainStart, fresh);
}

/** The highest `seq` of a publication; it orders publications, so that a late one does not turn the row back. */
/** Without evidence it is older than all that has some: it may be a late repetition. */
export const newestSeq = ({ evidence }: Publication): number => Math.max(0, ...evidence.map(({ seq }) => seq));

/** One item a sink and notification. */
export function outboxId(sink: string, notificationId: string): string {
  return `${sink}/${notificationId}`;
}
