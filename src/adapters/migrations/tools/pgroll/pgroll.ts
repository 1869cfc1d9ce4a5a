import {
  decideComplete,
  decideRollback,
  decideStart,
  howToMend,
  whyNotReady,
  whyUnfinished,
} from '../../../../core/pgroll/decide';
import { isPgrollPath, readPgrollFile, type PgrollFile } from '../../../../core/pgroll/read-file';
import { PortError } from '../../../../ports/errors';
import type { MigrateEffect } from '../../../../ports/migrations';
import { nameEffect } from '../../ledger';
import { readEntry } from '../../ledger-table';
import type { MigrationTool, ToolWork } from '../tool';
import { fillRest } from './fill';
import { dropTriggers } from './drop-triggers';
import { findUsers } from './find-users';
import { prepareCopy, whyNoCopy } from './on-copy';
import { readRecord, readState } from './read-state';
import { refuseWhileAtWork, runPgroll, type PgrollCall, type PgrollOptions } from './run-pgroll';

/**
 * Runs files of pgroll: `start` is expand with its backfill, `rollback` its undo, `complete` is contract. Each step is
 * decided by what its tables and the catalogue say, never by how a command ended.
 */
export function createPgroll(options: PgrollOptions, isCopy = false): MigrationTool {
  const { schema } = options;

  const up = async (effect: MigrateEffect, dsn: string, work: ToolWork): Promise<void> => {
    const file = fileOf(effect);
    if (isCopy) await prepareCopy(options, dsn, work.session);
    await (effect.part === 'contract' ? complete(effect, file, dsn, work) : start(effect, file, dsn, work));
  };
  const call = async (verb: PgrollCall['verb'], effect: MigrateEffect, dsn: string, work: ToolWork): Promise<void> => {
    const what = nameEffect(effect, `pgroll ${verb}`);
    await refuseWhileAtWork(work.session, what, work.target);
    await runPgroll(options, { what, dsn, verb, file: effect.apply, signal: work.signal });
  };

  async function start(effect: MigrateEffect, file: PgrollFile, dsn: string, work: ToolWork): Promise<void> {
    const decide = async () => decideStart(await readState(work.session, options, file), file, schema);
    let step = await decide();
    if (step.do === 'restart') {
      await call('rollback', effect, dsn, work);
      step = await decide();
    }
    if (step.do === 'refuse') throw refusal(effect, work, step.why);
    if (step.do === 'start') await call('start', effect, dsn, work);
    let state = await readState(work.session, options, file);
    if (decideStart(state, file, schema).do === 'fill') {
      await fillRest(work, options, state.unfilled);
      state = await readState(work.session, options, file);
    }
    const why = whyUnfinished(state);
    // Again would end the same way: it goes on without the triggers that it could not make.
    if (why !== undefined)
      throw refusal(effect, work, `pgroll ended well, and ${why}; look at the expressions \`up\` and \`down\``);
  }

  async function complete(effect: MigrateEffect, file: PgrollFile, dsn: string, work: ToolWork): Promise<void> {
    const entry = await readEntry(work.session, { ...effect, part: 'expand' });
    const isCounted = entry?.isApplied === true && !entry.isUndone;
    const decide = async (users: readonly string[]) => {
      const state = await readState(work.session, options, file);
      return { state, step: decideComplete(state, file, { isCounted, users }) };
    };
    const first = await decide([]);
    if (first.step.do === 'fill') await fillRest(work, options, first.state.unfilled);
    if (first.step.do === 'mend') {
      await dropTriggers(work, options, first.state.brokenTriggers);
      throw refusal(effect, work, howToMend(first.state, file, schema));
    }
    if (first.step.do === 'refuse') throw refusal(effect, work, first.step.why);
    if (first.step.do === 'nothing') return;
    // Who uses the old form is asked last: it may change at any moment.
    const { step } = await decide(await findUsers(work.session, options, file));
    if (step.do === 'refuse') throw refusal(effect, work, step.why);
    if (step.do === 'complete') await call('complete', effect, dsn, work);
  }

  async function down(effect: MigrateEffect, dsn: string, work: ToolWork): Promise<void> {
    const file = fileOf(effect);
    const step = decideRollback(await readRecord(work.session, options, file.name), file);
    if (step.do === 'refuse') throw refusal(effect, work, step.why);
    if (step.do === 'rollback') await call('rollback', effect, dsn, work);
  }

  return {
    name: 'pgroll',
    ownRelations: [],
    leaves: ({ apply }) => !isPgrollPath(apply.path),
    check: checkPgrollPart,
    whyNotReady: async (session, effect) => {
      if (effect.part === 'contract') return undefined;
      const file = fileOf(effect);
      return whyNotReady(await readRecord(session, options, file.name), file, schema);
    },
    whyNotTried: ({ trial }) => whyNoCopy(trial),
    forCopy: () => createPgroll(options, true),
    isApplied: async (session, effect) => {
      const { migration } = await readRecord(session, options, fileOf(effect).name);
      return effect.part === 'contract' ? migration === 'completed' : migration !== undefined;
    },
    whyUnfinished: async (session, effect) =>
      effect.part === 'contract' ? undefined : whyUnfinished(await readState(session, options, fileOf(effect))),
    up,
    down,
  };
}

/** @throws PortError `Rejected` for a part that pgroll has no step for. */
function checkPgrollPart(effect: MigrateEffect): void {
  const { apply, undo, part, migration, target } = effect;
  fileOf(effect);
  const refuse = (why: string): PortError =>
    new PortError('Rejected', `${part} of ${migration} on ${target}: ${apply.path}: ${why}`);
  if (part === 'switch') throw refuse('pgroll has no step between start and complete; write the switch in plain SQL');
  if (part === 'expand' && 'sql' in undo && undo.sha256 !== apply.sha256)
    throw refuse('pgroll takes back what the file itself says; name that file as the undo too');
}

function fileOf({ apply, part, migration, target }: MigrateEffect): PgrollFile {
  const read = readPgrollFile(apply);
  if (read.ok) return read.file;
  throw new PortError(
    'Rejected',
    `${part} of ${migration} on ${target}: ${apply.path}:${read.line}: as a migration of pgroll, ${read.why}`,
  );
}

function refusal(effect: MigrateEffect, { target }: ToolWork, why: string): PortError {
  return new PortError('Rejected', `${nameEffect(effect, 'pgroll')} on ${target}: ${why}`);
}
