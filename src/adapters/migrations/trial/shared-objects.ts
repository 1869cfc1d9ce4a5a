import type { MigrateEffect } from '../../../ports/migrations';
import { splitStatements } from '../../postgres/statements';

/** Roles, databases and settings of the server: a trial of these would be no trial. */
const shared =
  /^(create|alter|drop|comment on|reassign owned by|security label .* on) ?(role|user(?! mapping)|group|database|tablespace|system|subscription)\b|^reassign owned\b|^grant (?!.* on ).* to\b|^revoke (?!.* on ).* from\b/;

/** The first file with a statement that reaches beyond its database, as `FILE (\`create role …\`)`; undefined when none does. */
export function findSharedChange(parts: readonly MigrateEffect[]): string | undefined {
  for (const { apply, undo } of parts)
    for (const file of 'sql' in undo ? [apply, undo] : [apply]) {
      const found = splitStatements(file.sql).find(({ words }) => shared.test(words));
      if (found !== undefined) return `${file.path} (\`${found.words.split(' ').slice(0, 3).join(' ')}\`)`;
    }
  return undefined;
}
