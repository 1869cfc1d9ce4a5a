import type { Session } from './session';

export async function isSuperuser(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ is_superuser: boolean }>(
    'select rolsuper as is_superuser from pg_roles where rolname = current_user',
  );
  return rows[0]?.is_superuser === true;
}
