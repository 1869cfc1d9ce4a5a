import type { TargetOf } from '../../../core/environment/schema';
import type { MigrationsPort } from '../../../ports/migrations';
import { createPostgresMigrations, type PostgresMigrationsOptions } from '../postgres';
import { createDbmate } from './dbmate';
import { createUmzug } from './umzug';
import { createToolMigrations } from './with-tool';

/** Migrations of one database, by Spillway's own runner or by the tool that the environment names. */
export function createMigrations(
  options: PostgresMigrationsOptions,
  tool: TargetOf<'postgres'>['tool'],
  environment: { readonly [name: string]: string | undefined },
): MigrationsPort {
  if (tool === undefined) return createPostgresMigrations(options);
  const { lockTimeoutMs, statementTimeoutMs } = options;
  const given = { ...tool, environment, lockTimeoutMs, statementTimeoutMs };
  return createToolMigrations(options, given.kind === 'dbmate' ? createDbmate(given) : createUmzug(given));
}
