import { patched, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { Explanation } from '../core/release/explanation';
import { changedFields, firstFields } from '../core/release/shown';

/**
 * Keeps the memo as the state is, so that it can be read without a question to a worker (ADR 0018). What is recorded in one go
 * is shown at once: each upsert is an event of the history.
 */
export function createShow<S extends object>(state: () => S, explain: (state: S) => Explanation): () => void {
  let shown: object | undefined;
  let isDue = false;

  function upsert(): void {
    isDue = false;
    // A release that began before memos showed states goes on as it was recorded, and shows itself from now on.
    if (!patched('state-in-memo')) return;
    const now = state();
    const fields = shown === undefined ? firstFields(workflowInfo().memo ?? {}, now) : changedFields(shown, now);
    shown = now;
    if (Object.keys(fields).length > 0) upsertMemo({ ...fields, sentence: explain(now).sentence });
  }

  return () => {
    if (isDue) return;
    isDue = true;
    void Promise.resolve().then(upsert);
  };
}
