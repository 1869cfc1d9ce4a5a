import { checkDocument } from '../descriptor/check-document';
import type { Parsed } from '../descriptor/issue';
import { checkBackups } from './backups';
import { checkCohorts } from './cohorts';
import { checkConfigurationPaths } from './configuration-paths';
import { checkLogins } from './logins';
import { checkConventions, checkProbes, checkServices } from './rules';
import { environmentSchema, type Environment } from './schema';
import { checkStateFiles } from './state-files';

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
        ...checkCohorts(value),
        ...checkStateFiles(value),
        ...checkLogins(value),
        ...checkProbes(value),
      ],
    },
    { text, file: fileName },
  );
  return checked.ok ? { ok: true, value: checked.value.value } : checked;
}
