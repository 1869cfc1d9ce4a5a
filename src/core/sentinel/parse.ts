import { checkDocument } from '../descriptor/check-document';
import type { Parsed } from '../descriptor/issue';
import { sentinelSchema, type SentinelFile } from './schema';

/** Reads a sentinel's file from YAML, with every default filled in, or says everything that is wrong with it. */
export function parseSentinel(text: string, fileName: string): Parsed<SentinelFile> {
  const checked = checkDocument(
    { kind: 'sentinel', schema: sentinelSchema, rules: () => [] },
    { text, file: fileName },
  );
  return checked.ok ? { ok: true, value: checked.value.value } : checked;
}
