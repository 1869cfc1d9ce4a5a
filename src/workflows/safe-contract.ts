import { makeRestorePoint, waitAtGate, waitForQuiet } from './contract-steps/before-the-gate';
import { safetyOf, type Contract, type Next } from './contract-steps/contract';
import { putBack } from './contract-steps/put-back';
import { drop, rename, waitRenamed } from './contract-steps/rename';

/**
 * A contract step by step: quiet, restore point, gate, renaming, a last chance, drop. Where it is stands in its state, so that a
 * new run goes on there; everything before the drop can be taken back.
 */
export async function runSafeContract(contract: Omit<Contract, 'said'>): Promise<'over' | 'continue'> {
  const { state } = contract;
  while (!['Contracted', 'Declined'].includes(state().phase)) {
    const next = await takeStep({ ...contract, said: safetyOf(state()) });
    if (next === 'continue') return 'continue';
  }
  return 'over';
}

function takeStep(contract: Contract): Promise<Next> {
  const { step } = safetyOf(contract.state());
  switch (step) {
    case 'quiet':
      return waitForQuiet(contract);
    case 'restore-point':
      return makeRestorePoint(contract);
    case 'gate':
      return waitAtGate(contract);
    case 'rename':
      return rename(contract);
    case 'renamed':
      return waitRenamed(contract);
    case 'put-back':
      return putBack(contract);
    case 'drop':
      return drop(contract);
  }
}
