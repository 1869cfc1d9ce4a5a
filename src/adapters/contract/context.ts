import type { PostgresMigrationsOptions } from '../migrations/postgres';
import type { Session } from '../postgres/session';

export type BackupCommands = {
  readonly backup: readonly string[];
  readonly testRestore: readonly string[];
  readonly timeoutMs: number;
  readonly environment: { readonly [name: string]: string | undefined };
};

export type PostgresContractOptions = PostgresMigrationsOptions & {
  /** Database role → slot, for names of readers. */
  readonly roles: { readonly [role: string]: string };
  /** The most that a copy and its test restore may take together, in bytes. */
  readonly maxCopyBytes: number;
  /** The environment's own restore point of the whole database, instead of copies. */
  readonly commands?: BackupCommands;
};

/** The options with `target` saying where the database is as well. */
export type ContractContext = PostgresContractOptions;

/** Works in one session that holds the database's migration lock, in the name of a release. */
export type Locked = <T>(release: string, what: string, work: (session: Session) => Promise<T>) => Promise<T>;
