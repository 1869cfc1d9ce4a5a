import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { isSettled, nextCompensations, type RollbackStatus } from '../core/release/rollback-order';
import { explain } from '../core/release/explain';
import { undoEffect } from './compensate';
import { causeOf, isActivityFault } from './faults';
import type { StuckDecision } from './inbox';
import type { Run } from './run';

const proofKey = 'proof';
const quickProofs = 3;
const quickProofPauseMs = 500;
/** How soon a stuck undo is tried again by itself, each time twice as long. */
const firstRetryMs = 10_000;
const longestRetryMs = 300_000;

const statusOf = (run: Run): RollbackStatus =>
  Object.fromEntries(Object.entries(run.state().compensations).map(([key, { status }]) => [key, status] as const));

/** Undoes everything the journal holds, in the plan's order, until the proof holds. */
export function createRollback(run: Run, flush: () => void) {
  const plan = run.sealed().plan.rollback;
  const onlyVerify = new Set<string>();
  const wanted = new Set<string>();
  const attempts = new Map<string, number>();
  let bug: { readonly error: unknown } | undefined;
  let changes = 0;
  let mustCloseAgain = run.wasBusyWhenTurned();
  let proofFault = 'the proof does not hold';

  const isFirst = (key: string): boolean =>
    plan.find(({ effectKey }) => effectKey === key)?.requires.length === 0 &&
    !key.startsWith('deploy/') &&
    !key.startsWith('migrate/');

  function stuck(key: string, reason: string): void {
    run.record({ type: 'compensation-stuck', effect: key, reason });
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    run.notify('incomplete', `stuck/${key}/${attempt}`, explain(run.state()).sentence);
    run.showAttributes();
    flush();
    void retryLater(key, Math.min(firstRetryMs * 2 ** (attempt - 1), longestRetryMs)).catch(
      (error: unknown) => (bug = { error }),
    );
  }

  async function retryLater(key: string, afterMs: number): Promise<void> {
    await sleep(afterMs, { summary: `try ${key} again` });
    if (run.state().compensations[key]?.status !== 'stuck') return;
    wanted.add(key);
    changes += 1;
  }

  async function compensate(key: string): Promise<void> {
    run.record({ type: 'compensation-started', effect: key });
    const verifyOnly = onlyVerify.delete(key);
    try {
      const detail = await undoEffect(run, run.sealedEffect(key), verifyOnly);
      // A waiver that came meanwhile stays: one outcome only.
      if (run.state().compensations[key]?.status === 'running')
        run.record({ type: 'compensation-verified', effect: key, detail });
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      stuck(key, causeOf(error).message);
    } finally {
      changes += 1;
    }
  }

  const begin = (key: string): void => void compensate(key).catch((error: unknown) => (bug = { error }));

  /**
   * What was under way when the release turned back may have written after the first closing. So once it is over, traffic is
   * closed again, before anything that requires it; true while that has to be waited for.
   */
  function closeAgain(): boolean {
    const status = statusOf(run);
    const firsts = plan.map(({ effectKey }) => effectKey).filter((key) => isFirst(key) && key in status);
    if (firsts.some((key) => status[key] === 'running')) return true;
    mustCloseAgain = false;
    for (const key of firsts) if (status[key] === 'verified') begin(key);
    return false;
  }

  function beginDue(isForwardOver: boolean): void {
    if (isForwardOver && mustCloseAgain && closeAgain()) return;
    const due = nextCompensations(plan, statusOf(run)).filter((key) => isForwardOver || isFirst(key));
    const late = [...wanted].filter((key) => statusOf(run)[key] === 'stuck' && key !== proofKey);
    for (const key of new Set([...due, ...late])) {
      wanted.delete(key);
      begin(key);
    }
  }

  async function undoAll(isForwardOver: () => boolean): Promise<void> {
    for (;;) {
      if (bug !== undefined) throw bug.error;
      beginDue(isForwardOver());
      if (isForwardOver() && isSettled(plan, statusOf(run))) return;
      const seen = changes;
      const wasOver = isForwardOver();
      await condition(() => changes !== seen || bug !== undefined || isForwardOver() !== wasOver);
    }
  }

  async function prove(): Promise<boolean> {
    const { snapshot, journal } = run.state();
    if (snapshot === undefined) return true;
    const input = { sealed: run.sealed(), snapshot, touched: journal.map(({ effect }) => effect) };
    try {
      const proof = await run.activities.undo.prove.executeWithOptions(
        { summary: 'prove that the baseline is restored' },
        [input],
      );
      run.record({ type: 'proof-taken', proof });
      proofFault = proof.lines
        .filter(({ isEqual }) => !isEqual)
        .map(({ object, expected, observed }) => `${object}: expected ${expected}, found ${observed}`)
        .join('; ');
      return proof.isRestored;
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      proofFault = `the proof could not be taken: ${causeOf(error).message}`;
      return false;
    }
  }

  /** Everything that was undone and may have been changed back since, in order; what gets stuck holds back the rest. */
  async function undoAgain(): Promise<void> {
    for (const { effectKey } of plan) {
      if (statusOf(run)[effectKey] !== 'verified') continue;
      await compensate(effectKey);
      if (statusOf(run)[effectKey] === 'stuck') break;
    }
    await undoAll(() => true);
  }

  const isProofWaived = (): boolean => statusOf(run)[proofKey] === 'waived';

  async function proveUntilRestored(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if (await prove()) return;
      if (attempt % quickProofs !== 0) {
        await sleep(quickProofPauseMs);
      } else {
        stuck(proofKey, proofFault);
        await condition(() => wanted.delete(proofKey) || statusOf(run)[proofKey] !== 'stuck');
        if (isProofWaived()) return;
        run.record({ type: 'compensation-started', effect: proofKey });
      }
      await undoAgain();
    }
  }

  return {
    /** Takes what a person decided about something stuck. */
    decide({ action, key }: StuckDecision): void {
      if (action === 'continue') onlyVerify.add(key);
      changes += 1;
    },
    /** Returns when everything is undone and proved, or waived by name. `forward` is what still runs of the way forward. */
    async run(forward: Promise<void>): Promise<void> {
      let isForwardOver = false;
      const over = forward.finally(() => {
        isForwardOver = true;
      });
      await CancellationScope.nonCancellable(async () => {
        await undoAll(() => isForwardOver);
        await over;
        await proveUntilRestored();
      });
      if (run.state().compensations[proofKey]?.status === 'running')
        run.record({ type: 'compensation-verified', effect: proofKey, detail: 'the proof holds' });
    },
  };
}

export type Rollback = ReturnType<typeof createRollback>;
