import { ownersLimits } from '../core/descriptor/guard';
import { fileIssue, type Parsed } from '../core/descriptor/issue';
import { parsePolicy } from '../core/policy/parse';
import type { Policy } from '../core/policy/schema';
import { readText } from './read-text';
import './warm-parser';

/** Reads the policy of a worker; it may be a link, as mounted configuration is. */
export async function readPolicyFile(path: string): Promise<Parsed<Policy>> {
  const read = await readText(path, ownersLimits.maxFileBytes);
  return read.ok ? parsePolicy(read.text, path) : { ok: false, issues: [fileIssue(path, read.words)] };
}
