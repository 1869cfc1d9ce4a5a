import { compareTrial, type Trial } from '../../../core/plan/trial';
import type { SqlFile } from '../../../core/plan/effects';
import { PortError } from '../../../ports/errors';
import type { MigrateEffect, MigrationsPort, SchemaSnapshot, TrialRequest } from '../../../ports/migrations';

/** Releases of the copy's own ledger: the second one applies again what the first one undid. */
const rounds = ['trial', 'trial again'] as const;

type Walked = Pick<MigrationsPort, 'snapshot' | 'apply' | 'backfill' | 'buildIndex' | 'undo' | 'losses' | 'violations'>;

/** A part or an undo does not run on the copy. */
class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(
    readonly effect: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Takes a copy forward part by part and back again, and compares; then forward once more with contract, which has no way
 * back. `copy` is changed and of no use afterwards.
 */
export async function walkTrial(copy: Walked, request: TrialRequest): Promise<Trial> {
  const { effects, contract, signal } = request;
  try {
    const notes: string[] = [];
    const invariants = await findAskable(copy, request);
    const forward: SchemaSnapshot[] = [await copy.snapshot()];
    for (const effect of effects) {
      await applyPart(copy, effect, { release: rounds[0], signal });
      notes.push(...(await checkPart(copy, effect)));
      forward.push(await copy.snapshot());
    }
    await askInvariants(copy, invariants, effects.at(-1));
    // In a rollback it would be too late to find out that one of them does not run.
    for (const effect of effects)
      for (const query of effect.losses ?? []) await step(effect, 'its losses query', signal, () => copy.losses(query));
    const backward: SchemaSnapshot[] = [];
    for (const effect of effects.toReversed()) {
      await step(effect, 'its undo', signal, () => copy.undo(effect, rounds[0]));
      backward.push(await copy.snapshot());
    }
    const differences = compareTrial({ parts: effects, forward, backward });
    if (differences.length > 0) return { outcome: 'differs', differences };
    if (contract.length > 0)
      for (const effect of [...effects, ...contract]) await applyPart(copy, effect, { release: rounds[1], signal });
    for (const effect of contract) notes.push(...(await checkPart(copy, effect)));
    await askInvariants(copy, invariants, contract.at(-1));
    const objects = Object.keys(forward[0] ?? {}).length;
    return { outcome: 'restored', objects, tried: [...effects, ...contract].map(({ key }) => key), notes };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return { outcome: 'failed', effect: error.effect, message: error.message };
  }
}

async function applyPart(
  copy: Walked,
  effect: MigrateEffect,
  { release, signal }: { readonly release: string; readonly signal: AbortSignal },
): Promise<void> {
  await step(effect, `its ${effect.part}`, signal, async () => {
    if (effect.part === 'backfill') await copy.backfill(effect, release, () => undefined, signal);
    else if (effect.part === 'index') await copy.buildIndex(effect, release, () => undefined, signal);
    else await copy.apply(effect, release, signal);
  });
}

/** Invariants that run on the copy as it is: one that needs more than was copied says nothing about a part. */
async function findAskable(copy: Walked, { invariants }: TrialRequest): Promise<readonly SqlFile[]> {
  const found: SqlFile[] = [];
  for (const query of invariants)
    try {
      await copy.violations(query);
      found.push(query);
    } catch (error) {
      if (!(error instanceof PortError) || error.code === 'TargetUnavailable') throw error;
    }
  return found;
}

/** One that names what a part removes would hold up the release, or a contract that has renamed it already. */
async function askInvariants(
  copy: Walked,
  invariants: readonly SqlFile[],
  after: MigrateEffect | undefined,
): Promise<void> {
  if (after === undefined) return;
  for (const query of invariants)
    await step(after, `the invariant ${query.path} behind it`, undefined, () => copy.violations(query));
}

/** Rows that a check returns are told and refuse nothing: it may look for rows that a copy does not hold. */
async function checkPart(copy: Walked, effect: MigrateEffect): Promise<readonly string[]> {
  const { check } = effect;
  if (check === undefined) return [];
  const rows = await step(effect, 'its check', undefined, () => copy.violations(check));
  return rows === 0 ? [] : [`${check.path} returns ${rows} rows on the copy, which holds no rows or a few`];
}

/** Only what the copy itself refuses is the migration's fault; a server that does not answer is asked again. */
async function step<T>(
  effect: MigrateEffect,
  what: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true)
    throw new PortError(
      'TargetUnavailable',
      `trial of ${effect.key} on ${effect.target}: stopped; nothing was changed`,
    );
  try {
    return await work();
  } catch (error) {
    if (error instanceof PortError && error.code !== 'TargetUnavailable')
      throw new StepFailed(effect.key, `${what} fails there: ${error.message}`);
    throw error;
  }
}
