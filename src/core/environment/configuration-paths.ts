import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { outlineSchema } from './outline';

const pathsSchema = z.object({ blue: z.string(), green: z.string() });

/** With one document for both slots the baseline would get what only the canary is to have. */
export function checkConfigurationPaths(value: unknown): readonly Finding[] {
  const { targets } = outlineSchema.parse(value);
  return Object.entries(targets).flatMap(([name, { kind, paths }]) => {
    if (kind !== 'configuration-file' && kind !== 'configuration-git') return [];
    const { data: each } = pathsSchema.safeParse(paths);
    if (each === undefined || each.blue !== each.green) return [];
    return [
      {
        code: 'paths-alike',
        path: ['targets', name, 'paths', 'green'],
        message: 'both slots would share one document, and the baseline would get what the canary is to have alone',
        fix: 'name a file of its own for each slot',
      },
    ];
  });
}
