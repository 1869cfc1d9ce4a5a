import type { Command } from './workflow-instance';

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** Commands as they would stand in the history, for comparison. */
export const textOf = (commands: readonly Command[]): string =>
  commands
    .map((command) =>
      Object.entries(command)
        .filter(([kind, fields]) => fields !== undefined && kind !== 'userMetadata' && kind !== 'eventGroupMarkers')
        .map(([kind, fields]) => `${kind} ${text(fields?.['seq']) ?? ''} ${text(fields?.['activityType']) ?? ''}`)
        .join(),
    )
    .join('; ');

export const patchesOf = (commands: readonly Command[]): readonly string[] =>
  commands.flatMap(({ setPatchMarker }) => text(setPatchMarker?.['patchId']) ?? []);
