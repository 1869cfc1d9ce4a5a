import type { MigrateEffect } from '../../../ports/migrations';
import { parseSql } from '../../../sql/parse';
import { changesServer } from '../../../sql/shared-change';

/**
 * The first file with a statement that reaches beyond its database, as `FILE (\`create role …\`)`: a trial of it would be no
 * trial. Undefined when none does; a file of a tool that is no SQL says nothing.
 */
export async function findSharedChange(parts: readonly MigrateEffect[]): Promise<string | undefined> {
  for (const { apply, undo } of parts)
    for (const file of 'sql' in undo ? [apply, undo] : [apply]) {
      const parsed = await parseSql(file);
      const found = parsed.ok ? parsed.value.find(changesServer) : undefined;
      if (found !== undefined)
        return `${file.path} (\`${found.text.toLowerCase().split(/\s+/).slice(0, 3).join(' ')}\`)`;
    }
  return undefined;
}
