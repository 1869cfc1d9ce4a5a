import type { PgrollFile } from './read-file';
import type { PgrollTrigger } from './triggers';

/** What the tables of pgroll and the catalogue say of one migration; nothing of it is what pgroll printed. */
export type PgrollState = {
  readonly isInitialised: boolean;
  /** Whether pgroll has any migration of this schema. */
  readonly hasHistory: boolean;
  readonly hasTables: boolean;
  /** The migration that is started and not completed. */
  readonly active: string | undefined;
  /** What pgroll says of this one; undefined when it was never started or was rolled back. */
  readonly migration: 'started' | 'completed' | undefined;
  /** Whether every table has its view in the version schema. */
  readonly isViewed: boolean;
  readonly missingTriggers: readonly PgrollTrigger[];
  /** Triggers of which a column is gone: `complete` has begun and was cut short. They may be there still, and fail every write. */
  readonly brokenTriggers: readonly PgrollTrigger[];
  readonly unfilled: readonly Unfilled[];
};

/** Rows of a table that are marked as not filled. */
export type Unfilled = { readonly table: string; readonly rows: number; readonly isTwoWay: boolean };

export type Refused = { readonly do: 'refuse'; readonly why: string };
type Nothing = { readonly do: 'nothing' };

/** What `start` needs; `restart` takes back first what a killed one left half done. */
export type StartStep = Refused | Nothing | { readonly do: 'start' | 'restart' | 'fill' };

/** What makes a database one in which pgroll can start, before anything is touched. */
export type PgrollReadiness = Omit<PgrollState, 'isViewed' | 'missingTriggers' | 'brokenTriggers' | 'unfilled'>;

/** Why pgroll could not start a file here, with the command that mends it; undefined when it could. */
export function whyNotReady(state: PgrollReadiness, file: PgrollFile, schema: string): string | undefined {
  if (!state.isInitialised) return 'pgroll is not set up in this database; run `pgroll init` there once';
  if (!state.hasHistory && state.hasTables)
    return `schema ${schema} has tables that pgroll has never heard of, and \`pgroll start\` would do nothing and call it a success; run \`pgroll baseline 01_initial DIR --yes\` there once`;
  if (state.active !== undefined && state.active !== file.name && state.migration === undefined)
    return `pgroll has ${state.active} in progress and starts no other before it; complete it by its contract, or roll it back`;
  return undefined;
}

/** What brings a migration to where every row has its new form. */
export function decideStart(state: PgrollState, file: PgrollFile, schema: string): StartStep {
  const unready = whyNotReady(state, file, schema);
  if (unready !== undefined) return { do: 'refuse', why: unready };
  if (state.migration === 'completed') return { do: 'nothing' };
  if (state.migration === undefined) return { do: 'start' };
  if (!state.isViewed || state.missingTriggers.length > 0) return { do: 'restart' };
  return { do: countUnfilled(state) > 0 ? 'fill' : 'nothing' };
}

/** Why a started migration is not done yet, whatever pgroll says; undefined when it is. */
export function whyUnfinished(state: PgrollState): string | undefined {
  if (state.migration !== 'started') return undefined;
  const { missingTriggers, unfilled } = state;
  if (missingTriggers.length > 0)
    return `the trigger${missingTriggers.length > 1 ? 's' : ''} ${missingTriggers.map(({ name }) => name).join(', ')} ${missingTriggers.length > 1 ? 'are' : 'is'} not there, so the two forms are not kept in step`;
  if (!state.isViewed) return 'its version schema does not have every table';
  const left = unfilled.filter(({ rows }) => rows > 0);
  if (left.length === 0) return undefined;
  return `${left.map(({ table, rows }) => `${rows} rows of ${table}`).join(', ')} have no new form yet`;
}

export type CompleteStep = Refused | Nothing | { readonly do: 'complete' | 'fill' | 'mend' };

/**
 * What `complete` needs. `isCounted`: when expand was done, Spillway itself found no unfilled row. Without a trigger for new
 * code, rows that it inserts since then stay marked, and to fill them would overwrite what it wrote.
 */
export function decideComplete(
  state: PgrollState,
  file: PgrollFile,
  { isCounted, users }: { readonly isCounted: boolean; readonly users: readonly string[] },
): CompleteStep {
  const refuse = (why: string): Refused => ({ do: 'refuse', why });
  if (state.migration === 'completed') return { do: 'nothing' };
  if (state.migration === undefined)
    return refuse(`pgroll does not have ${file.name}: it was never started here, or was rolled back`);
  if (state.brokenTriggers.length > 0) return { do: 'mend' };
  if (state.missingTriggers.length > 0) return refuse(`${whyUnfinished(state) ?? ''}; compare both forms first`);
  if (!isCounted && countUnfilled(state) > 0)
    return refuse(
      `${whyUnfinished(state) ?? ''}, and Spillway has never counted them: pgroll was started by somebody else; roll it back and release it anew`,
    );
  if (state.unfilled.some(({ rows, isTwoWay }) => isTwoWay && rows > 0)) return { do: 'fill' };
  if (users.length > 0)
    return refuse(
      `the old form is still used, and pgroll would drop it under them at once: ${users.join('; ')}; stop them, then retry`,
    );
  return { do: 'complete' };
}

/** What a person has to do when `complete` was cut short: pgroll itself fails from there on, for good. */
export function howToMend({ brokenTriggers }: PgrollState, { name }: PgrollFile, schema: string): string {
  const tables = [...new Set(brokenTriggers.map(({ table }) => table))].join(', ');
  return (
    `\`pgroll complete\` was cut short, and pgroll cannot go on from there. Spillway has dropped the triggers on ${tables} that would fail every write, and the new version works. Finish by hand: drop the old columns that are left and ` +
    `\`_pgroll_needs_backfill\`, give each \`_pgroll_new_…\` column its name, then \`update pgroll.migrations set done = true, resulting_schema = pgroll.read_schema('${schema}') where name = '${name}'\`, and retry`
  );
}

/** What takes a migration back. There is no way back once it is completed. */
export function decideRollback(
  state: Pick<PgrollState, 'active' | 'migration'>,
  file: PgrollFile,
): Refused | Nothing | { readonly do: 'rollback' } {
  if (state.migration === undefined) return { do: 'nothing' };
  if (state.migration === 'completed')
    return {
      do: 'refuse',
      why: `${file.name} is completed, and pgroll has no way back from there; restore a backup, or go forward with another migration`,
    };
  if (state.active !== file.name)
    return {
      do: 'refuse',
      why: `pgroll has ${state.active ?? 'nothing'} in progress and would roll that back instead`,
    };
  return { do: 'rollback' };
}

const countUnfilled = ({ unfilled }: PgrollState): number => unfilled.reduce((sum, { rows }) => sum + rows, 0);
