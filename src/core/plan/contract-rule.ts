import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { ContractRule } from './effects';

/** How carefully the old form goes, in milliseconds. */
export const compileContractRule = ({ quiet, checkEvery, renamed, keep }: Descriptor['contract']): ContractRule => ({
  quietMs: durationMs(quiet),
  checkEveryMs: durationMs(checkEvery),
  renamedMs: durationMs(renamed),
  keepMs: durationMs(keep),
});
