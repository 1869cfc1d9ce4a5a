import type { Notification } from '../release/notification';
import type { EvidenceRecord } from './record';

/** A line of the release read-model. */
export type ReleaseRow = {
  /** Workflow id and first run id: `<workflowId>/<firstRunId>`. */
  readonly release: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly phase: string;
  readonly planDigest: string;
  readonly sentence: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
};

/** One batch written in one transaction; repeating it changes nothing. */
export type Publication = {
  readonly row: ReleaseRow;
  readonly evidence: readonly EvidenceRecord[];
  readonly notifications: readonly { readonly sink: string; readonly notification: Notification }[];
};
