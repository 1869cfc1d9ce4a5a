import { escapeIdentifier } from 'pg';
import { PortError } from '../../ports/errors';
import type { MigrateEffect } from '../../ports/migrations';
import { nameEffect } from '../migrations/ledger';
import { limitTransaction } from '../migrations/sql-file';
import type { Session } from '../postgres/session';
import type { ContractContext } from './context';
import { qualified } from './removed';
import { noteStep, readRetired } from './retired';

/** Drops what was renamed; the catalogue alone is changed, so it takes no longer than its lock. */
export async function dropPart(
  session: Session,
  context: ContractContext,
  { effect, release }: { readonly effect: MigrateEffect; readonly release: string },
): Promise<void> {
  const key = { release, migration: effect.migration };
  await session.transaction(async () => {
    await limitTransaction(session, context);
    const retired = await readRetired(session, key);
    // Nothing was renamed: an earlier release has contracted it.
    if (retired === undefined || retired.isDropped) return;
    if (retired.isPutBack)
      throw new PortError(
        'Conflict',
        `${nameEffect(effect, 'drop')} on ${context.target}: the old form has its name back, it is not dropped; start a new release to contract`,
      );
    for (const { at } of retired.objects) {
      const place = qualified(at.schema, at.table);
      await session.query(
        at.column === undefined
          ? `drop table ${place}`
          : `alter table ${place} drop column ${escapeIdentifier(at.column)}`,
      );
    }
    await noteStep(session, key, 'dropped_at');
  });
}
