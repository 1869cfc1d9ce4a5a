import { CancellationScope, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import {
  explainDrift,
  reconcilePublication,
  type EndingDifference,
  type ReconcileFact,
} from '../../core/release/reconcile-publication';
import { isActivityFault } from '../faults';
import type { ReconcileInput } from '../reconcile';
import type { Connected } from '../retries';

type Told = {
  readonly startedAtMs: number;
  readonly untilMs: number;
};

/** Tells what a guard found, in the order in which it was found. */
export function createEndingNews(
  { author, permit, plan, isPromoted }: ReconcileInput,
  notices: Connected['notices'],
  times: Told,
) {
  const { workflowId } = workflowInfo();
  const told: Promise<void>[] = [];
  let differences = 0;
  let seq = 0;

  async function publish(fact: ReconcileFact, earlier: Promise<unknown>): Promise<void> {
    await earlier;
    try {
      await CancellationScope.nonCancellable(() =>
        notices.publish.executeWithOptions({ summary: `difference ${fact.seq}` }, [
          { author, publication: reconcilePublication(fact) },
        ]),
      );
    } catch (error) {
      // The history has it all; a store that refuses must not keep this open.
      if (!isActivityFault(error)) throw error;
    }
  }

  return {
    tell(difference: EndingDifference): void {
      if (difference.observed !== undefined) differences += 1;
      seq += 1;
      const fact = { plan, seal: permit.seal, workflowId, isPromoted, ...times, ...difference, seq, atMs: Date.now() };
      setCurrentDetails(`**${explainDrift(fact)}**`);
      told.push(publish(fact, Promise.all(told)));
    },
    differences: (): number => differences,
    all: (): Promise<unknown> => Promise.all(told),
  };
}

export type EndingNews = ReturnType<typeof createEndingNews>;
