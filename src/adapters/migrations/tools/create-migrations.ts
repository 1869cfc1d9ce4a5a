import { durationMs } from '../../../core/duration';
import type { TargetOf } from '../../../core/environment/schema';
import type { MigrationsPort } from '../../../ports/migrations';
import { createPostgresMigrations, type PostgresMigrationsOptions } from '../postgres';
import { createDbmate } from './dbmate';
import { createPgroll } from './pgroll/pgroll';
import type { MigrationTool } from './tool';
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
  const given = { environment, lockTimeoutMs, statementTimeoutMs };
  return createToolMigrations(options, createTool(tool, given));
}

type Given = {
  readonly environment: { readonly [name: string]: string | undefined };
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
};

function createTool(tool: NonNullable<TargetOf<'postgres'>['tool']>, given: Given): MigrationTool {
  switch (tool.kind) {
    case 'dbmate':
      return createDbmate({ ...tool, ...given });
    case 'umzug':
      return createUmzug({ ...tool, ...given });
    case 'pgroll':
      return createPgroll({
        ...tool,
        ...given,
        batchDelayMs: durationMs(tool.batchDelay),
        timeoutMs: durationMs(tool.timeout),
      });
  }
}
