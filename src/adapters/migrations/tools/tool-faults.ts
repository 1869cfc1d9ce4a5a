import { PortError } from '../../../ports/errors';
import type { MigrateEffect } from '../../../ports/migrations';
import type { MigrationTool } from './tool';

/** The tool had it half done before Spillway saw it. */
export function begunByHand(tool: MigrationTool, effect: MigrateEffect, target: string, why: string): PortError {
  return new PortError(
    'Rejected',
    `${effect.migration}/${effect.part} on ${target} was begun by ${tool.name} without Spillway, and ${why}; take it back by hand, then start again`,
  );
}

/** The tool says done, and the database does not. */
export function notDone(tool: MigrationTool, effect: MigrateEffect, target: string, why: string): PortError {
  return new PortError(
    'NotConverged',
    `${tool.name} calls ${effect.migration}/${effect.part} on ${target} done, and ${why}; it is tried again`,
  );
}

/** The command ended well, and the tool's own table does not say so. */
export function unread(tool: MigrationTool, effect: MigrateEffect, target: string, what: string): PortError {
  return new PortError(
    'NotConverged',
    `${tool.name} ended well for ${effect.migration}/${effect.part} on ${target}, but its own table does not say that it is ${what}; ` +
      'look whether it is told another table or database',
  );
}
