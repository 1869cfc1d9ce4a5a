import { checkDocument } from '../descriptor/check-document';
import type { Parsed } from '../descriptor/issue';
import { checkBackups } from './backups';
import { checkConfigurationPaths } from './configuration-paths';
import { checkConventions, checkServices } from './rules';
import { environmentSchema, type Environment } from './schema';

/** Reads an environment from YAML, with every default filled in, or says everything that is wrong with it. */
export function parseEnvironment(text: string, fileName: string): Parsed<Environment> {
  const checked = checkDocument(
    {
      kind: 'environment',
      schema: environmentSchema,
      rules: ({ value }) => [
        ...checkServices(value),
        ...checkConventions(value),
        ...checkBackups(value),
        ...checkConfigurationPaths(value),
      ],
    },
    { text, file: fileName },
  );
  return checked.ok ? { ok: true, value: checked.value.value } : checked;
}
