import type { Trial } from '../../../core/plan/trial';
import type { MigrateEffect, MigrationsPort, TrialRequest } from '../../../ports/migrations';
import { withSession } from '../../postgres/session';
import { decideApply } from '../ledger';
import { readEntry } from '../ledger-table';
import { copySchema } from '../schema-copy/copy-schema';
import type { MigrationsContext } from '../postgres';
import { findSharedChange } from './shared-objects';
import { NoScratchDatabase, withScratchDatabase } from './scratch-database';
import { walkTrial } from './walk';

/** How many objects are named before the rest is counted. */
const mostNamed = 5;

export type TrialOptions = {
  /** Where scratch databases are made; the database's own server and user when left out. */
  readonly dsn?: string | undefined;
  /** Rows of every table that the copy gets, so that a cast that cannot work is found early. */
  readonly sampleRows: number;
};

/**
 * Tries every part and every undo on a copy of the schema in a scratch database; the database itself is only read.
 * `open` makes the port that walks the copy: the same one that does the work later.
 */
export async function tryOnCopy(
  context: MigrationsContext,
  request: TrialRequest,
  open: (copyDsn: string) => MigrationsPort,
): Promise<Trial> {
  const { trial } = context;
  if (trial === undefined)
    return notTried('the environment switches it off', 'Set `trial.enabled` of the database to true.');
  const pending = await leaveOutApplied(context, request);
  const shared = await findSharedChange([...pending.effects, ...pending.contract]);
  if (shared !== undefined)
    return notTried(
      `${shared} changes what all databases of the server share`,
      'Make that change apart from the release.',
    );
  const places = { dsn: trial.dsn ?? context.dsn, sourceDsn: context.dsn, release: request.release };
  try {
    return await withScratchDatabase(places, async (copyDsn) => {
      const limits = { lockTimeoutMs: context.lockTimeoutMs, statementTimeoutMs: context.statementTimeoutMs };
      const { schemas, dsn: sourceDsn } = context;
      const copy = await copySchema({ sourceDsn, copyDsn, schemas, sampleRows: trial.sampleRows, ...limits });
      if (copy.unequal.length > 0) return cannotCopy(copy.unequal);
      const found = await walkTrial(open(copyDsn), pending);
      // What could not be copied elsewhere may be what a part misses: that says nothing about the part.
      if (found.outcome !== 'failed' || copy.uncopied.length === 0) return found;
      return cannotCopy(
        copy.uncopied.map(({ object, sqlState }) => `${object} (SQLSTATE ${sqlState})`),
        found.message,
      );
    });
  } catch (error) {
    if (error instanceof NoScratchDatabase) return notTried(error.why, error.fix);
    throw error;
  }
}

const notTried = (why: string, fix: string): Trial => ({ outcome: 'not-tried', why, fix });

function cannotCopy(objects: readonly string[], message?: string): Trial {
  const more = objects.length > mostNamed ? ` and ${objects.length - mostNamed} more` : '';
  const why = `the copy could not be made equal: ${objects.slice(0, mostNamed).join(', ')}${more}`;
  return notTried(
    message === undefined ? why : `${why}; ${message}`,
    'Let the user of the trial make them (extensions often want a superuser: install those in template1), or try by hand.',
  );
}

/** What an earlier release applied is in the schema already: it is neither applied nor undone by this one. */
function leaveOutApplied(context: MigrationsContext, request: TrialRequest): Promise<TrialRequest> {
  return withSession(context.dsn, 'spillway trial', async (session) => {
    const keep = async (parts: readonly MigrateEffect[]): Promise<readonly MigrateEffect[]> => {
      const kept: MigrateEffect[] = [];
      for (const part of parts)
        if (decideApply(await readEntry(session, part), part, request.release) !== 'skip') kept.push(part);
      return kept;
    };
    return { ...request, effects: await keep(request.effects), contract: await keep(request.contract) };
  });
}
