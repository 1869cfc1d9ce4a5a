import { condition } from '@temporalio/workflow';
import { judgeQuiet } from '../core/contract/quiet';
import type { Permit, SealedPlan } from '../core/plan/plan';
import { isDecided, partOf, withPart, type ContractState } from '../core/release/contract-state';
import type { ContractSafety } from '../core/release/contract-safety';
import type { createContractNews } from './contract-news';
import { causeOf, isActivityFault } from './faults';
import type { Connected } from './retries';

/** How soon what failed is tried again by itself, each time twice as long. */
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

type Next = 'go' | 'continue';

type Contract = {
  readonly sealed: SealedPlan;
  readonly permit: Permit;
  readonly activities: Connected;
  readonly news: ReturnType<typeof createContractNews>;
  readonly state: () => ContractState;
  readonly change: (next: ContractState) => void;
  /** Whether the history should begin anew, here and now. */
  readonly mayContinue: () => boolean;
};

/**
 * A contract step by step: quiet, restore point, gate, renaming, a last chance, drop. Where it is stands in its state, so that a
 * new run goes on there; everything before the drop can be taken back.
 */
export async function runSafeContract(contract: Contract): Promise<'over' | 'continue'> {
  const { state } = contract;
  while (!['Contracted', 'Declined'].includes(state().phase)) {
    const next = await takeStep(contract);
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

function safetyOf({ safety }: ContractState): ContractSafety {
  if (safety === undefined) throw new Error('this contract has no steps');
  return safety;
}

/** The state with what is given, and nothing said of why it waits unless it is said now. */
function to(state: ContractState, change: Partial<ContractState>, safety: Partial<ContractSafety>): ContractState {
  const { why: _why, nextLookMs: _nextLookMs, ...kept } = safetyOf(state);
  return { ...state, ...change, safety: { ...kept, ...safety } };
}

const decline = ({ state, change }: Contract): Next => {
  change(to(state(), { phase: 'Declined' }, {}));
  return 'go';
};

/** Until a person says something new, or the time has come. */
async function pause({ state, mayContinue }: Contract, ms: number, summary: string): Promise<Next> {
  const { askedCount, waiver } = safetyOf(state());
  const isNews = (): boolean => {
    const now = safetyOf(state());
    return state().declined !== undefined || now.askedCount > askedCount || now.waiver !== waiver;
  };
  const isInTime = await condition(() => isNews() || mayContinue(), Math.max(1, ms), { summary });
  return isInTime && !isNews() ? 'continue' : 'go';
}

/** What every part's last look says together; undefined when nobody needs the old form. */
async function findBlockers(
  contract: Contract,
  onFault: 'told' | 'thrown',
): Promise<{ readonly why: string; readonly againInMs: number } | undefined> {
  const { sealed, permit, activities, state, change } = contract;
  const blockers: { readonly why: string; readonly againInMs: number }[] = [];
  for (const part of sealed.contract) {
    const { key } = part.effect;
    const rule = safetyOf(state()).rule;
    try {
      const options = { summary: `who needs ${key}` };
      const report = await activities.effects.findReaders.executeWithOptions(options, [{ permit, sealed: part }]);
      const safety = safetyOf(state());
      change({ ...state(), safety: { ...safety, found: { ...safety.found, [key]: report } } });
      const verdict = judgeQuiet(report, rule, safety.waiver !== undefined);
      if (!verdict.isQuiet)
        blockers.push({ why: `${report.removes.join(', ')}: ${verdict.why}`, againInMs: verdict.againInMs });
    } catch (error) {
      if (onFault === 'thrown' || !isActivityFault(error)) throw error;
      blockers.push({ why: `it cannot be looked at: ${causeOf(error).message}`, againInMs: rule.checkEveryMs });
    }
  }
  if (blockers.length === 0) return undefined;
  return {
    why: blockers.map(({ why }) => why).join('; '),
    againInMs: Math.min(...blockers.map(({ againInMs }) => againInMs)),
  };
}

async function waitForQuiet(contract: Contract): Promise<Next> {
  const { state, change, news } = contract;
  if (state().declined !== undefined) return decline(contract);
  const blocked = await findBlockers(contract, 'told');
  if (blocked === undefined) {
    change(to(state(), { phase: 'MakingRestorePoint' }, { step: 'restore-point' }));
    return 'go';
  }
  const isNew = safetyOf(state()).why === undefined;
  const { why, againInMs } = blocked;
  change(to(state(), { phase: 'WaitingForQuiet' }, { why, nextLookMs: Date.now() + againInMs }));
  if (isNew) news.tell('held', state());
  return pause(contract, againInMs, 'look again who needs the old form');
}

async function takeRestorePoints({ sealed, permit, activities, state, change }: Contract): Promise<void> {
  const points = [];
  for (const part of sealed.contract) {
    const options = { summary: `restore point of ${part.effect.key}` };
    points.push(...(await activities.effects.takeRestorePoint.executeWithOptions(options, [{ permit, sealed: part }])));
  }
  change({ ...state(), safety: { ...safetyOf(state()), restorePoints: points } });
}

async function makeRestorePoint(contract: Contract): Promise<Next> {
  const { state, change, news } = contract;
  if (state().declined !== undefined) return decline(contract);
  try {
    await takeRestorePoints(contract);
  } catch (error) {
    if (!isActivityFault(error)) throw error;
    const { why: before, rule } = safetyOf(state());
    const waitMs = Math.max(firstRetryMs, rule.checkEveryMs);
    change(to(state(), {}, { why: causeOf(error).message, nextLookMs: Date.now() + waitMs }));
    if (before === undefined) news.tell('held', state());
    return pause(contract, waitMs, 'make the restore point again');
  }
  const nowMs = Date.now();
  const gate = { openedAtMs: nowMs, deadlineMs: nowMs + state().gate.timeoutMs, approvals: [] };
  // What the gate shows is frozen here: only an approval from now on counts.
  change(to(state(), { phase: 'WaitingForApproval', ...gate }, { step: 'gate' }));
  news.tell('gate', state());
  return 'go';
}

async function waitAtGate(contract: Contract): Promise<Next> {
  const { state, change, mayContinue } = contract;
  const leftMs = Math.max(1, state().deadlineMs - Date.now());
  const isInTime = await condition(() => isDecided(state()) || mayContinue(), leftMs);
  if (isInTime && !isDecided(state())) return 'continue';
  if (state().declined !== undefined || !isDecided(state())) return decline(contract);
  change(to(state(), { phase: 'Contracting' }, { step: 'rename' }));
  return 'go';
}

async function rename(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  const [first] = sealed.contract;
  if (first !== undefined && !state().parts.some(({ isRenamed }) => isRenamed === true)) {
    let blocked: Awaited<ReturnType<typeof findBlockers>>;
    // A database that does not answer is no news of readers: the approval stands, and it is asked again.
    const next = await untilDone(contract, first.effect.key, 'Contracting', async () => {
      blocked = await findBlockers(contract, 'thrown');
    });
    if (next === 'continue') return next;
    if (blocked !== undefined) return backToQuiet(contract, blocked.why);
  }
  for (const part of sealed.contract) {
    const { key } = part.effect;
    if (partOf(state(), key).isRenamed === true) continue;
    const next = await untilDone(contract, key, 'Contracting', async () => {
      const input = { permit, sealed: part };
      await activities.effects.renameOldForm.executeWithOptions({ summary: `rename for ${key}` }, [input]);
      await verify(contract, key);
      change(withPart(state(), key, { isRenamed: true, status: 'running' }));
    });
    if (next === 'continue') return next;
  }
  const dropAtMs = Date.now() + safetyOf(state()).rule.renamedMs;
  change(to(state(), { phase: 'Renamed' }, { step: 'renamed', dropAtMs }));
  return 'go';
}

/** The approval was for a pack that is no longer true: it is asked for again once it is quiet. */
function backToQuiet({ state, change }: Contract, why: string): Next {
  const parts = state().parts.map(({ effect }) => ({ effect, status: 'waiting' }) as const);
  change(
    to(state(), { phase: 'WaitingForQuiet', approvals: [], parts }, { step: 'quiet', why, nextLookMs: Date.now() }),
  );
  return 'go';
}

async function waitRenamed(contract: Contract): Promise<Next> {
  const { state, change, mayContinue } = contract;
  const leftMs = (safetyOf(state()).dropAtMs ?? 0) - Date.now();
  const isRejected = (): boolean => state().declined !== undefined;
  if (leftMs > 0) {
    const summary = 'until the old form is dropped';
    const isInTime = await condition(() => isRejected() || mayContinue(), leftMs, { summary });
    if (isInTime && !isRejected()) return 'continue';
  }
  change(
    isRejected()
      ? to(state(), { phase: 'Renamed' }, { step: 'put-back' })
      : to(state(), { phase: 'Dropping' }, { step: 'drop' }),
  );
  return 'go';
}

async function putBack(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  for (const part of [...sealed.contract].reverse()) {
    const { key } = part.effect;
    if (partOf(state(), key).isRenamed !== true) continue;
    const next = await untilDone(contract, key, 'Renamed', async () => {
      const options = { summary: `put back ${key}` };
      const detail = await activities.effects.putOldFormBack.executeWithOptions(options, [{ permit, sealed: part }]);
      change(withPart(state(), key, { status: 'waiting', isRenamed: false, detail }));
    });
    if (next === 'continue') return next;
  }
  return decline(contract);
}

async function drop(contract: Contract): Promise<Next> {
  const { sealed, permit, activities, state, change } = contract;
  for (const part of sealed.contract) {
    const { key } = part.effect;
    // A part that a person waived keeps what it has.
    if (partOf(state(), key).isRenamed !== true || partOf(state(), key).status === 'done') continue;
    const next = await untilDone(contract, key, 'Dropping', async () => {
      const input = { permit, sealed: part };
      // Rows were written since the first copy; under its hidden name nobody writes the old form any more.
      await activities.effects.takeRestorePoint.executeWithOptions({ summary: `last restore point of ${key}` }, [
        input,
      ]);
      const detail = await activities.effects.dropOldForm.executeWithOptions({ summary: `drop for ${key}` }, [input]);
      await verify(contract, key);
      change(withPart(state(), key, { status: 'done', detail }));
    });
    if (next === 'continue') return next;
  }
  change(to(state(), { phase: 'Contracted' }, {}));
  return 'go';
}

async function verify({ sealed, permit, activities }: Contract, key: string): Promise<void> {
  const migrations = sealed.contract.filter(({ effect }) => effect.key === key);
  const input = { permit, migrations, invariants: sealed.plan.invariants };
  await activities.effects.verifyData.executeWithOptions({ summary: `check ${key}` }, [input]);
}

/** Tries until it is done or waived; what an earlier run left stuck waits for the rest of its time first. */
async function untilDone(
  contract: Contract,
  key: string,
  phase: ContractState['phase'],
  work: () => Promise<void>,
): Promise<Next> {
  const { state, change, news } = contract;
  for (;;) {
    // Back from its wait it counts as stuck no more, whether its time or a person ended that.
    if (partOf(state(), key).status === 'stuck' && (await untilRetried(contract, key)) === 'continue')
      return 'continue';
    if (partOf(state(), key).status === 'waived') return 'go';
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

async function untilRetried({ state, mayContinue }: Contract, key: string): Promise<Next> {
  const leftMs = Math.max(1, (partOf(state(), key).retryAtMs ?? 0) - Date.now());
  const isStuck = (): boolean => partOf(state(), key).status === 'stuck';
  const isInTime = await condition(() => !isStuck() || mayContinue(), leftMs, { summary: `try ${key} again` });
  if (isInTime) return isStuck() ? 'continue' : 'go';
  return 'go';
}
