import type { QuietReport } from '../../core/contract/quiet';
import type { MigrateEffect } from '../../ports/migrations';
import { limitTransaction } from '../migrations/sql-file';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { findDependents } from './dependents';
import { findOwnObjects } from './own-objects';
import { findRemoved, nameRemoved, readFileOf, withParts } from './removed';
import { watchStatements } from './statement-watch';

/** Looks for whoever needs what a contract part removes: in the schema, and among the statements. */
export async function look(
  session: Session,
  context: ContractContext,
  { effect, release }: { readonly effect: MigrateEffect; readonly release: string },
): Promise<QuietReport> {
  const file = await readFileOf(effect);
  return session.transaction(async () => {
    await limitTransaction(session, context);
    const removed = await findRemoved(session, file);
    const everywhere = await withParts(session, removed);
    const own = await findOwnObjects(session, { removed: everywhere, dropped: file.dropped });
    const found = [];
    for (const each of everywhere) found.push(...(await findDependents(session, each, own)));
    const dependents = [...new Map(found.map((each) => [`${each.kind} ${each.name}`, each])).values()];
    const removes = removed.map(nameRemoved);
    if (removed.length === 0) return { removes, dependents, readers: [], unlisted: 0 };
    const key = { release, migration: effect.migration };
    const seen = await watchStatements(session, key, { removed: everywhere, roles: context.roles });
    return { removes, dependents: dependents.slice(0, 10), ...seen };
  });
}
