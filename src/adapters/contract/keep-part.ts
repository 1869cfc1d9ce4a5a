import type { RestorePoint } from '../../core/contract/restore-point';
import { PortError } from '../../ports/errors';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';
import { limitTransaction } from '../migrations/sql-file';
import type { Session } from '../postgres/session';
import { backUp } from './backup';
import type { ContractContext, Locked } from './context';
import { keepCopy, type Source } from './keep-copy';
import { keepTimeMs } from './keep-time';
import { removeExpired } from './kept-copies';
import { findRemoved, readFileOf } from './removed';
import { readRetired } from './retired';

/** A copy reads and writes as long as its rows need; what `maxCopy` allows is done within this. */
export const copyTimeoutMs = 3_600_000;

/** Makes the restore point of one part: by the environment's own commands, or copies that are tried. */
export async function keepPart(
  context: ContractContext,
  locked: Locked,
  { effect, release }: { readonly effect: MigrateEffect; readonly release: string },
): Promise<readonly RestorePoint[]> {
  const { commands, target } = context;
  const file = await readFileOf(effect);
  if (commands !== undefined)
    return [await backUp(commands, { target, release, service: effect.origin?.service ?? '' })];
  const [first] = file.unkeepable;
  if (first !== undefined)
    throw new PortError(
      'Rejected',
      `${effect.apply.path}:${first.line}: no copy could bring back what this takes: ${first.why}, or name \`backup\` and \`testRestore\` commands for the target`,
    );
  const keepMs = keepTimeMs(effect);
  const part = { release, migration: effect.migration };
  const patient = { ...context, statementTimeoutMs: Math.max(context.statementTimeoutMs, copyTimeoutMs) };
  const kept = await locked(release, nameEffect(effect, 'restore point'), async (session) => {
    const points: RestorePoint[] = [];
    for (const source of await sourcesOf(session, part, file))
      points.push(
        await session.transaction(async () => {
          await limitTransaction(session, patient);
          return keepCopy(session, patient, { source, part, keepMs });
        }, 'isolation level repeatable read'),
      );
    return points;
  });
  await locked(release, 'removal of old copies', (session) => removeExpired(session, context));
  return kept;
}

/** What is to be copied: where the file will remove it, or under its hidden name once it is renamed. */
async function sourcesOf(
  session: Session,
  part: { readonly release: string; readonly migration: string },
  file: Parameters<typeof findRemoved>[1],
): Promise<readonly Source[]> {
  const retired = await readRetired(session, part);
  if (retired === undefined || retired.isPutBack)
    return (await findRemoved(session, file)).map((at) => ({
      at,
      of: { schema: at.schema, table: at.table, ...(at.column === undefined ? {} : { column: at.column }) },
    }));
  if (retired.isDropped) return [];
  const sources: Source[] = [];
  for (const { of, at } of retired.objects) {
    const [found] = await findRemoved(session, { ...file, removals: [at] });
    if (found !== undefined) sources.push({ at: found, of });
  }
  return sources;
}
