import { ledgerSchema } from '../migrations/own-schemas';
import type { Session } from '../postgres/session';
import { tableExists } from '../postgres/table-exists';
import type { Definition } from './definitions';

export type Place = { readonly schema: string; readonly table: string; readonly column?: string };

/** One column or table under another name: `of` is where it was. */
export type Hidden = { readonly of: Place; readonly at: Place };

/** What running the contract file changed beside what it removes. */
export type Changed = {
  /** As they were before. */
  readonly before: readonly Definition[];
  /** Statements that take away what the file added. */
  readonly added: readonly string[];
  /** The snapshot of the renaming, as text: whoever it does not see has written since. Absent where an older worker renamed. */
  readonly seen?: string;
};

export type Retired = {
  readonly objects: readonly Hidden[];
  readonly changed: Changed;
  readonly isPutBack: boolean;
  readonly isDropped: boolean;
};

export type PartKey = { readonly release: string; readonly migration: string };

export async function readRetired(session: Session, { release, migration }: PartKey): Promise<Retired | undefined> {
  if (!(await tableExists(session, { schema: ledgerSchema, name: 'retired' }))) return undefined;
  const { rows } = await session.query<{
    objects: readonly Hidden[];
    changed: Changed;
    is_put_back: boolean;
    is_dropped: boolean;
  }>(
    `select objects, changed, put_back_at is not null as is_put_back, dropped_at is not null as is_dropped
       from ${ledgerSchema}.retired where release = $1 and migration = $2`,
    { values: [release, migration] },
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return { objects: row.objects, changed: row.changed, isPutBack: row.is_put_back, isDropped: row.is_dropped };
}

export async function noteRetired(
  session: Session,
  { release, migration }: PartKey,
  { objects, changed }: Pick<Retired, 'objects' | 'changed'>,
): Promise<void> {
  await session.query(
    `insert into ${ledgerSchema}.retired (release, migration, objects, changed) values ($1, $2, $3, $4)`,
    { values: [release, migration, JSON.stringify(objects), JSON.stringify(changed)] },
  );
}

export async function noteStep(
  session: Session,
  { release, migration }: PartKey,
  step: 'put_back_at' | 'dropped_at',
): Promise<void> {
  await session.query(`update ${ledgerSchema}.retired set ${step} = now() where release = $1 and migration = $2`, {
    values: [release, migration],
  });
}
