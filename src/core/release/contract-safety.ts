import type { RestorePoint } from '../contract/restore-point';
import type { QuietReport } from '../contract/quiet';
import type { ContractRule, Effect } from '../plan/effects';
import type { Reconciliation } from './reconciliation';

/** Where a contract is on its way; the phase a person sees follows from it. */
type ContractStep = 'quiet' | 'restore-point' | 'gate' | 'rename' | 'renamed' | 'put-back' | 'drop';

/** What a contract knows before it may begin, and what can be taken back of it. Times are epoch milliseconds. */
export type ContractSafety = {
  readonly rule: ContractRule;
  readonly step: ContractStep;
  /** Why it does not go on, since when it was found, and when it is looked at again. */
  readonly why?: string;
  readonly nextLookMs?: number;
  /** What the last look found of every part, by the key of its effect. */
  readonly found: { readonly [effect: string]: QuietReport };
  readonly restorePoints: readonly RestorePoint[];
  /** How old and new form compared when they were last looked at; absent where nothing is compared. */
  readonly reconciled?: readonly Reconciliation[];
  /** Who answers for readers that were not waited for. */
  readonly waiver?: { readonly by: string; readonly why: string; readonly atMs: number };
  /** How often people asked to look again. */
  readonly askedCount: number;
  readonly dropAtMs?: number;
  /** The part whose way back waits for a choice about data, and how many rows that is about where it was told. */
  readonly atRisk?: { readonly effect: string; readonly rows?: number };
  /**
   * Who accepted that rows written while it was renamed have no old form when its name is back: so many, of that part. Contracts
   * that an older worker asked for a choice say neither.
   */
  readonly lose?: {
    readonly by: string;
    readonly why: string;
    readonly atMs: number;
    readonly effect?: string;
    readonly rows?: number;
  };
};

/** Undefined for plans of older workers: their parts have no rule. */
export function newSafety(effects: readonly Effect[]): ContractSafety | undefined {
  const rules = effects.flatMap((effect) => ('rule' in effect && effect.rule !== undefined ? [effect.rule] : []));
  const [rule] = rules;
  if (rule === undefined || rules.length < effects.length) return undefined;
  return { rule, step: 'quiet', found: {}, restorePoints: [], askedCount: 0 };
}
