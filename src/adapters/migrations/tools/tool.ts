import type { MigrateEffect } from '../../../ports/migrations';
import type { Session } from '../../postgres/session';

/** A migration tool that its users have already. It runs parts; what is applied by whom stays in Spillway's own ledger. */
export type MigrationTool = {
  readonly name: string;
  /** How the sessions of its commands are called, so that what outlives its worker is found. */
  readonly sessionName: string;
  /** Relations the tool keeps for itself, as the schema snapshot names them: `public.schema_migrations`. */
  readonly ownRelations: readonly string[];
  /** @throws PortError `Rejected` for a part that the tool cannot do or could not take back. */
  check(effect: MigrateEffect): void;
  /** Why a command could reach another database than the one of `dsn`; undefined when it cannot. */
  whyNotConfined?(dsn: string): Promise<string | undefined>;
  /** Whether the tool's own records say that the part is applied. */
  isApplied(session: Session, effect: MigrateEffect): Promise<boolean>;
  up(effect: MigrateEffect, dsn: string): Promise<void>;
  down(effect: MigrateEffect, dsn: string): Promise<void>;
};
