import { access, readFile } from 'node:fs/promises';
import { resolveSecret } from '../adapters/secrets';
import { createPostgresStore } from '../adapters/store/postgres';
import type { Issue } from '../core/descriptor/issue';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import type { StorePort } from '../ports/store';
import { UsageError } from './fault';
import type { Io } from './io';

export type OpenedStore =
  | { readonly ok: true; readonly store: StorePort; readonly environment?: string | undefined }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const usualFile = 'environment.yaml';

export const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The environment file that is meant: the one named, else the one `spillway init` writes, where it is there. */
export const environmentFileOf = async (named: string | undefined, beside = usualFile): Promise<string | undefined> =>
  named ?? ((await isThere(beside)) ? beside : undefined);

/** Opens the store of an environment file, else the one `SPILLWAY_STORE_DSN` names. */
export async function openStore(io: Io, named: string | undefined): Promise<OpenedStore> {
  const file = await environmentFileOf(named);
  const dsn = io.env['SPILLWAY_STORE_DSN'];
  if (file === undefined) {
    if (dsn !== undefined && dsn !== '')
      return { ok: true, store: createPostgresStore({ dsn }), environment: io.env['SPILLWAY_ENVIRONMENT'] };
    throw new UsageError(
      'The samples of a release are in the store of its environment: name it by --environment-file FILE, or set SPILLWAY_STORE_DSN.',
    );
  }
  const read = await readEnvironmentFile(file);
  if (!read.ok) return read;
  const secret = await resolveSecret(read.value.store.dsn, io.env, (path) => readFile(path, 'utf8'));
  return { ok: true, store: createPostgresStore({ dsn: secret }), environment: read.value.name };
}
