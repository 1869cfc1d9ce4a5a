import { canonicalJson, sha256Hex } from '../canonical';
import type { EvidenceRecord } from './record';

/** A record and its place in the chain; both hashes are 64 hex digits. */
export type ChainedRecord = EvidenceRecord & { readonly previous: string; readonly hash: string };

/** What the first record of a release names as its previous hash. */
export const chainStart = '0'.repeat(64);

export type ChainVerdict =
  { readonly ok: true; readonly head: string } | { readonly ok: false; readonly seq: number; readonly reason: string };

/** Chains records, in the order of their `seq`, behind the record that has `previousHash`. */
export function chainRecords(previousHash: string, records: readonly EvidenceRecord[]): readonly ChainedRecord[] {
  const chained: ChainedRecord[] = [];
  let previous = previousHash;
  for (const record of records) {
    const hash = hashOf(record, previous);
    chained.push({ ...record, previous, hash });
    previous = hash;
  }
  return chained;
}

/**
 * Checks a release's whole evidence, from its first record on, and names the first `seq` at which it does not hold.
 * A cut-off end cannot be seen from the records alone: compare `head` with one kept elsewhere.
 */
export function verifyChain(records: readonly ChainedRecord[]): ChainVerdict {
  let previous = chainStart;
  for (const [index, record] of records.entries()) {
    const seq = index + 1;
    const reason = faultOf(record, seq, previous);
    if (reason !== undefined) return { ok: false, seq, reason };
    previous = record.hash;
  }
  return { ok: true, head: previous };
}

function faultOf(record: ChainedRecord, seq: number, previous: string): string | undefined {
  if (record.seq !== seq) return `record ${seq} is missing or out of place: found record ${record.seq} there`;
  if (record.previous !== previous) return `record ${seq} does not follow the one before it: its previous hash differs`;
  if (record.hash !== hashOf(record, previous)) return `record ${seq} was changed: its content does not give its hash`;
  return undefined;
}

function hashOf({ seq, at, type, actor, detail }: EvidenceRecord, previous: string): string {
  return sha256Hex(canonicalJson({ seq, previous, at, type, actor, detail }));
}
