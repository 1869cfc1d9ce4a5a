import { checkDocument } from '../descriptor/check-document';
import type { Parsed } from '../descriptor/issue';
import { checkRoles } from './rules';
import { policySchema, type Policy } from './schema';

/** Reads a policy from YAML, with every default filled in, or says everything that is wrong with it. */
export function parsePolicy(text: string, fileName: string): Parsed<Policy> {
  const checked = checkDocument(
    { kind: 'policy', schema: policySchema, rules: ({ value }) => checkRoles(value) },
    { text, file: fileName },
  );
  return checked.ok ? { ok: true, value: checked.value.value } : checked;
}
