import { ApplicationFailure } from '@temporalio/common';
import { sha256Hex } from '../core/canonical';
import type { Json } from '../core/json';
import { stewardRole } from '../core/plan/data-stewards';
import type { SealedEffect, SqlFile } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { describePreview, lossText, type PartLosses, type UndoPreview } from '../core/release/undo-losses';
import type { MigrateEffect, UndoLosses } from '../ports/migrations';
import { keepAlive } from './keep-alive';
import { openEffect } from './permit';
import type { Ports } from './ports';

export const mostShownKeys = 10;
/** A rollback never waits for the store: it is asked for so long. */
const storePatienceMs = 2_000;

type Found = { readonly query: SqlFile; readonly rows: number; readonly keys: readonly string[] };

const sumOf = (found: readonly Found[]): number => found.reduce((all, { rows }) => all + rows, 0);

/** What each query of the effects finds now, also nothing; a first undo may take the rows of those that follow. */
async function askLosses(ports: Ports, effects: readonly MigrateEffect[], release: string): Promise<readonly Found[]> {
  const asked = new Map<string, Found>();
  for (const effect of effects) {
    const database = ports.database(effect.target);
    // A part that never happened may lack the very columns that its query names.
    if (effect.losses === undefined || !(await database.isUndoDue(effect, release))) continue;
    for (const query of effect.losses) {
      if (asked.has(query.sha256)) continue;
      asked.set(query.sha256, { query, ...(await database.losses(query)) });
    }
  }
  return [...asked.values()];
}

/** All keys, beside the evidence: there they may be erased. Says where they are, or that the store did not take them. */
export async function keepKeys(ports: Ports, permit: Permit, found: Json): Promise<string> {
  const content = JSON.stringify(found);
  const digest = `sha256:${sha256Hex(content)}`;
  const { workflowId, firstRunId } = permit.seal;
  const kept = ports.store.keepErasable(`${workflowId}/${firstRunId}`, digest, content).then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), storePatienceMs)));
  const isKept = await Promise.race([kept, late]);
  clearTimeout(timer);
  return isKept ? `all keys are erasable evidence ${digest}` : 'the store did not take the list of all keys';
}

/** Whether the policy lets somebody choose that rows are lost. */
export function mayLose({ policy }: Ports, by: string): boolean {
  const stewards = policy.roles[stewardRole];
  return stewards === undefined || stewards.includes(by);
}

/** Of a choice that covers fewer rows than are found now. */
export const sayOutgrown = ({ by, rows = 0 }: { readonly by: string; readonly rows?: number }): string =>
  ` (${by} chose to lose ${rows}, that was before the others were written)`;

export type LossInput = {
  readonly permit: Permit;
  readonly effect: MigrateEffect;
  /** Parts of the same migration whose undo follows. */
  readonly following: readonly SealedEffect[];
  /** Who chose that rows are lost, and how many were found then. */
  readonly lose?: NonNullable<UndoLosses['chosen']> | undefined;
};

/**
 * What the undo may take away, for it to ask again; undefined when nothing says how to find out.
 * @throws ApplicationFailure `UndoWouldLoseData` when nobody has chosen that, or more is found than was chosen.
 */
export async function weighLosses(
  ports: Ports,
  { permit, effect, following, lose }: LossInput,
): Promise<UndoLosses | undefined> {
  const release = permit.seal.firstRunId;
  if ('skip' in effect.undo || !(await ports.database(effect.target).isUndoDue(effect, release))) return undefined;
  const parts = [effect, ...following.map((sealed) => openEffect(ports, permit, sealed, 'migrate'))];
  const asked = await askLosses(ports, parts, release);
  if (asked.length === 0) return undefined;
  const queries = asked.map(({ query }) => query);
  const found = asked.filter(({ rows }) => rows > 0);
  const rows = sumOf(found);
  if (rows === 0) return { queries };
  const isSteward = lose !== undefined && mayLose(ports, lose.by);
  if (isSteward && rows <= (lose.rows ?? Infinity)) return { queries, chosen: lose };
  const lost = found.map((each) => `${lossText(each.rows, each.keys.slice(0, mostShownKeys))} by ${each.query.path}`);
  const chosen = isSteward ? sayOutgrown(lose) : '';
  const where = await keepKeys(ports, permit, {
    effect: effect.key,
    losses: found.map(({ query, rows: lostRows, keys }) => ({ query: query.path, rows: lostRows, keys })),
  });
  throw ApplicationFailure.nonRetryable(
    `undo-would-lose-data: the undo of ${effect.key} at ${effect.target} would lose ${lost.join(', ')}${chosen}; nothing of it was undone, ${where}. ` +
      'Mend the rows in the old form and choose retry, or choose keep or lose',
    'UndoWouldLoseData',
    { rows },
  );
}

export type WeighUndoInput = { readonly permit: Permit; readonly migrations: readonly SealedEffect[] };

/** What an undo would lose if it began now; changes nothing. */
export const createUndoLossActivities = (ports: Ports) => ({
  weighUndo: ({ permit, migrations }: WeighUndoInput): Promise<UndoPreview> =>
    keepAlive(async () => {
      const release = permit.seal.firstRunId;
      const parts: PartLosses[] = [];
      for (const sealed of migrations) {
        const effect = openEffect(ports, permit, sealed, 'migrate');
        if ('skip' in effect.undo || !(await ports.database(effect.target).isUndoDue(effect, release))) continue;
        if (effect.losses === undefined) parts.push({ effect: effect.key, keys: [] });
        else {
          const found = await askLosses(ports, [effect], release);
          parts.push({
            effect: effect.key,
            rows: sumOf(found),
            keys: found.flatMap(({ keys }) => keys).slice(0, mostShownKeys),
          });
        }
      }
      return { sentence: describePreview(parts), parts };
    }),
});
