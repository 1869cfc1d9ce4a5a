import { condition } from '@temporalio/workflow';
import { partOf, withPart, type ContractState } from '../../core/release/contract-state';
import { causeOf, isActivityFault } from '../faults';
import { isUnwanted, type Contract, type Next } from './contract';

/** How soon what failed is tried again by itself, each time twice as long. */
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

/** Tries until it is done, or, where it may stop, nobody wants it any more; what an earlier run left stuck waits for the rest of its time first. */
export async function untilDone(
  contract: Contract,
  key: string,
  phase: ContractState['phase'],
  { work, mayStop = false }: { readonly work: () => Promise<void>; readonly mayStop?: boolean },
): Promise<Next> {
  const { state, change, news } = contract;
  const isStopped = (): boolean => mayStop && isUnwanted(contract);
  for (;;) {
    // Back from its wait it counts as stuck no more, whether its time or a person ended that.
    if (partOf(state(), key).status === 'stuck' && (await untilRetried(contract, { key, isStopped })) === 'continue')
      return 'continue';
    if (isStopped()) return 'go';
    change(withPart({ ...state(), phase }, key, { status: 'running' }));
    try {
      await work();
      return 'go';
    } catch (error) {
      if (!isActivityFault(error)) throw error;
      const stuckCount = partOf(state(), key).stuckCount ?? 0;
      const retryAtMs = Date.now() + Math.min(firstRetryMs * 2 ** stuckCount, longestRetryMs);
      const stuck = { status: 'stuck', detail: causeOf(error).message, stuckCount: stuckCount + 1, retryAtMs } as const;
      change(withPart({ ...state(), phase: 'ContractIncomplete' }, key, stuck));
      news.tell('incomplete', state());
    }
  }
}

async function untilRetried(
  { state, mayContinue }: Contract,
  { key, isStopped }: { readonly key: string; readonly isStopped: () => boolean },
): Promise<Next> {
  const leftMs = Math.max(1, (partOf(state(), key).retryAtMs ?? 0) - Date.now());
  const isStuck = (): boolean => partOf(state(), key).status === 'stuck' && !isStopped();
  const isInTime = await condition(() => !isStuck() || mayContinue(), leftMs, { summary: `try ${key} again` });
  if (isInTime) return isStuck() ? 'continue' : 'go';
  return 'go';
}

/** Checks one part, and the invariants of the data. */
export async function verify({ sealed, permit, activities }: Contract, key: string): Promise<void> {
  const migrations = sealed.contract.filter(({ effect }) => effect.key === key && effect.kind === 'migrate');
  const input = { permit, migrations, invariants: sealed.plan.invariants };
  await activities.effects.verifyData.executeWithOptions({ summary: `check ${key}` }, [input]);
}
