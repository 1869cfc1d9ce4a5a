import { CancellationScope, condition, patched, sleep } from '@temporalio/workflow';
import { keptByChoice } from '../core/release/data-choice';
import { isSettled, undoNow, type CloseAgain, type RollbackStatus } from '../core/release/rollback-order';
import { detailOfLeft, sentenceOfLeft, type LeftLine, type LeftSwitch } from '../core/release/left-switch';
import { explain } from '../core/release/explain';
import { isDraining } from '../core/release/way-back';
import { undoEffect, writtenBy } from './compensate';
import { dataAtRisk, type DataAtRisk } from './data-at-risk';
import { causeOf, isActivityFault } from './faults';
import { keptOf } from './kept';
import type { Run } from './run';

const proofKey = 'proof';
const quickProofs = 3;
const quickProofPauseMs = 500;
/** How soon a stuck undo is tried again by itself, each time twice as long. */
const firstRetryMs = 10_000;
const longestRetryMs = 300_000;

const statusOf = (run: Run): RollbackStatus =>
  Object.fromEntries(Object.entries(run.state().compensations).map(([key, { status }]) => [key, status] as const));

/**
 * Undoes everything the journal holds, in the plan's order, until the proof holds. Where it is stands in the state of the
 * release alone, so a new run goes on from any point at which nothing is under way.
 */
export function createRollback(run: Run, flush: () => void) {
  const plan = run.sealed().plan.rollback;
  let bug: { readonly error: unknown } | undefined;
  let underWay = 0;
  let isForwardOver = false;
  let closeAgain: CloseAgain = run.wasBusyWhenTurned() ? 'all' : [];
  const waitsForAll = closeAgain === 'all' && !patched('close-each-again');
  let proofFault = 'the proof does not hold';

  const next = () =>
    undoNow(plan, statusOf(run), { isForwardOver, closeAgain, waitsForAll, isDraining: isDraining(run.state()) });
  const isOver = (): boolean => isForwardOver && isSettled(plan, statusOf(run));
  const noteBug = (error: unknown): void => void (bug ??= { error });

  async function whileUnderWay<T>(work: () => Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  }

  function stuck(key: string, reason: string, risk?: DataAtRisk): void {
    const stuckCount = run.state().compensations[key]?.stuckCount ?? 0;
    const retryAtMs = Date.now() + Math.min(firstRetryMs * 2 ** stuckCount, longestRetryMs);
    run.record({
      type: 'compensation-stuck',
      effect: key,
      reason,
      retryAtMs,
      ...risk,
    });
    run.notify('incomplete', `stuck/${key}/${stuckCount + 1}`, explain(run.state()).sentence);
    run.showAttributes();
    flush();
    retryAt(key, retryAtMs);
  }

  /** Tries something stuck again by itself, unless a person decided first. */
  function retryAt(key: string, atMs: number): void {
    const wait = async (): Promise<void> => {
      await sleep(Math.max(1, atMs - Date.now()), { summary: `try ${key} again` });
      const found = run.state().compensations[key];
      if (found?.status !== 'stuck' || found.retryAtMs !== atMs) return;
      if (key === proofKey) run.record({ type: 'compensation-started', effect: key });
      else begin(key);
    };
    void wait().catch(noteBug);
  }

  /** Read back and left alone; told once for each thing it was found as. */
  function leave(key: string, left: LeftSwitch): void {
    const known = run.state().compensations[key]?.left;
    run.record({ type: 'compensation-verified', effect: key, detail: detailOfLeft(left), left });
    if (known?.observed === left.observed) return;
    run.notify('incomplete', `left/${key}/${Date.now()}`, sentenceOfLeft(key, left));
    flush();
  }

  async function compensate(key: string): Promise<void> {
    const onlyVerify = run.state().compensations[key]?.onlyVerify === true;
    run.record({ type: 'compensation-started', effect: key });
    try {
      const outcome = await whileUnderWay(() => undoEffect(run, run.sealedEffect(key), onlyVerify));
      // A waiver that came meanwhile stays: one outcome only.
      if (run.state().compensations[key]?.status !== 'running') return;
      if (typeof outcome === 'string') run.record({ type: 'compensation-verified', effect: key, detail: outcome });
      else leave(key, outcome);
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      const cause = causeOf(error);
      stuck(key, cause.message, dataAtRisk(cause));
    }
  }

  const begin = (key: string): void => void compensate(key).catch(noteBug);

  async function undoAll(): Promise<void> {
    for (;;) {
      if (bug !== undefined) throw bug.error;
      const now = next();
      closeAgain = now.closeAgain;
      now.begin.forEach(begin);
      if (isOver()) return;
      const hasWork = (): boolean => next().begin.length > 0 || next().closeAgain !== closeAgain;
      await run.whileWaiting(() => condition(() => bug !== undefined || isOver() || hasWork()));
    }
  }

  async function prove(): Promise<boolean> {
    const { snapshot, journal } = run.state();
    if (snapshot === undefined) return true;
    const input = {
      sealed: run.sealed(),
      kept: keptOf(run),
      touched: journal.map(({ effect }) => effect),
      written: writtenBy(run),
    };
    const options = { summary: 'prove that the baseline is restored' };
    try {
      const proof = await whileUnderWay(() => run.activities.undo.prove.executeWithOptions(options, [input]));
      run.record({ type: 'proof-taken', proof });
      const isTold = ({ effect }: LeftLine): boolean =>
        statusOf(run)[effect] === 'waived' || run.state().compensations[effect]?.left !== undefined;
      // One that was thrown after its undo is met there once more, and told.
      const untold = (proof.left ?? []).filter((line) => !isTold(line));
      proofFault = [...proof.lines.filter(({ isEqual }) => !isEqual), ...untold]
        .map(({ object, expected, observed }) => `${object}: expected ${expected}, found ${observed}`)
        .join('; ');
      return proof.isRestored && untold.length === 0;
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
    await undoAll();
  }

  async function proveUntilRestored(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if (statusOf(run)[proofKey] === 'stuck') {
        await run.whileWaiting(() => condition(() => statusOf(run)[proofKey] !== 'stuck' || bug !== undefined));
        if (statusOf(run)[proofKey] === 'waived') return;
        if (bug !== undefined) throw bug.error;
        if (statusOf(run)[proofKey] === 'pending') run.record({ type: 'compensation-started', effect: proofKey });
        await undoAgain();
      }
      if (await prove()) return;
      const proof = run.state().proof;
      const choice = proof === undefined || proof.isRestored ? undefined : keptByChoice(run.state(), proof);
      if (choice !== undefined) {
        run.record({ type: 'compensation-waived', effect: proofKey, id: `kept/${attempt}`, ...choice });
        return;
      }
      if (attempt % quickProofs === 0) {
        stuck(proofKey, proofFault);
      } else {
        await sleep(quickProofPauseMs);
        await undoAgain();
      }
    }
  }

  return {
    /** Whether it only waits for a person or a retry: nothing is under way that a new run would cut. */
    isWaiting: (): boolean =>
      isForwardOver &&
      closeAgain.length === 0 &&
      underWay === 0 &&
      run.isWaiting() &&
      next().begin.length === 0 &&
      Object.values(statusOf(run)).includes('stuck'),
    /** Returns when everything is undone and proved, or waived by name. `forward` is what still runs of the way forward. */
    async run(forward: Promise<void>): Promise<void> {
      for (const [key, { status, retryAtMs }] of Object.entries(run.state().compensations)) {
        if (status === 'stuck' && retryAtMs !== undefined) retryAt(key, retryAtMs);
        // What an earlier run had just begun ended with that run.
        if (status === 'running' && key !== proofKey) begin(key);
      }
      const over = forward.finally(() => {
        isForwardOver = true;
      });
      await CancellationScope.nonCancellable(async () => {
        await undoAll();
        await over;
        await proveUntilRestored();
      });
      if (run.state().compensations[proofKey]?.status === 'running')
        run.record({ type: 'compensation-verified', effect: proofKey, detail: 'the proof holds' });
    },
  };
}
