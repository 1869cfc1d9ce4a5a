import type { Json } from '../json';

/** One fact of a release, in the order the workflow saw it. */
export type EvidenceRecord = {
  /** Counts from 1 inside one release, without gaps. */
  readonly seq: number;
  /** ISO 8601, workflow time. */
  readonly at: string;
  readonly type:
    | 'started'
    | 'snapshot'
    | 'intent'
    | 'effect'
    | 'checkpoint'
    | 'decision'
    | 'approval'
    | 'refusal'
    | 'compensation'
    | 'proof'
    | 'drift'
    | 'gap'
    | 'ended';
  readonly actor: string;
  readonly detail: { readonly [key: string]: Json };
};
