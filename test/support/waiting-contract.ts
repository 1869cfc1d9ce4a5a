import type { ContractState } from '../../src/core/release/contract-state';
import { continueOnce } from './continue-once';
import { said } from './messages';
import { promoted } from './promoted-contract';
import { tell } from './tell';
import { updates, type Fields, type Rig } from './release-rig';
import { until } from './until';

export type PromotedContract = Awaited<ReturnType<typeof promoted>>;
type Way = { readonly act?: (contract: PromotedContract) => Promise<unknown>; readonly more?: Fields };

/** Nothing goes on by itself while a test looks. */
export const slow = { quiet: '0s', renamed: '1h', checkEvery: '1h' };

/** What was decided and done so far; where it waits, each new run looks anew. */
const kept = ({ parts, approvals, seenIds, declined }: ContractState) => ({ parts, approvals, seenIds, declined });

/** A contract that reaches `phase` by itself or by what `act` does, then waits there through two new runs. */
export async function waitingIn(rig: Rig, phase: ContractState['phase'], { act, more = {} }: Way = {}) {
  const contract = await promoted(rig, {}, { contract: slow, notify: [{ to: 'chat' }], ...more });
  /** A new run that looks anew is elsewhere for a moment. */
  async function inPhase(): Promise<ContractState> {
    let found = await contract.reach(phase);
    await until(phase, async () => (found = await contract.reach(phase)).phase === phase);
    return found;
  }
  await act?.(contract);
  const before = await inPhase();
  await continueOnce(rig.client, contract.id);
  await continueOnce(rig.client, contract.id);
  const after = await inPhase();
  expect(kept(after)).toEqual(kept(before));
  const decide = {
    retry: () => tell(contract.contract, updates.retry, said('dee')),
    reject: () => tell(contract.contract, updates.reject, said('dee', { gate: 'contract' })),
  };
  return { ...contract, before, after, decide };
}
