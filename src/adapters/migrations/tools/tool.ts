import type { MigrateEffect } from '../../../ports/migrations';
import type { Session } from '../../postgres/session';

/** What a tool works with besides its own connection. */
export type ToolWork = {
  /** Holds the migration lock of the database. */
  readonly session: Session;
  /** Where the database is, for messages. */
  readonly target: string;
  readonly signal?: AbortSignal | undefined;
};

/** Why nothing is tried on a copy. */
export type NotTried = { readonly why: string; readonly fix: string };

/** A migration tool that its users have already. It runs parts; what is applied by whom stays in Spillway's own ledger. */
export type MigrationTool = {
  readonly name: string;
  /** How the sessions of its commands are called, so that what outlives its worker is ended; undefined where the tool waits for it. */
  readonly sessionName?: string;
  /** Relations the tool keeps for itself, as the schema snapshot names them: `public.schema_migrations`. */
  readonly ownRelations: readonly string[];
  /** Whether a part is left to Spillway, besides backfill and indexes. */
  leaves?(effect: MigrateEffect): boolean;
  /** @throws PortError `Rejected` for a part that the tool cannot do or could not take back. */
  check(effect: MigrateEffect): void;
  /** Why the tool could not begin a part here; undefined when it could. */
  whyNotReady?(session: Session, effect: MigrateEffect): Promise<string | undefined>;
  /** Why a trial would say nothing, or reach another database than the copy; undefined when neither. */
  whyNotTried?(dsn: { readonly database: string; readonly trial: string }): Promise<NotTried | undefined>;
  /** The same tool for a copy of the schema, in which its own records are not. */
  forCopy?(): MigrationTool;
  /** Whether the tool's own records say that the part is applied. */
  isApplied(session: Session, effect: MigrateEffect): Promise<boolean>;
  /** Why a part that the tool calls applied is not done; undefined when it is. */
  whyUnfinished?(session: Session, effect: MigrateEffect): Promise<string | undefined>;
  up(effect: MigrateEffect, dsn: string, work: ToolWork): Promise<void>;
  down(effect: MigrateEffect, dsn: string, work: ToolWork): Promise<void>;
};
