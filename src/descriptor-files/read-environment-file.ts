import { ownersLimits } from '../core/descriptor/guard';
import { fileIssue, type Parsed } from '../core/descriptor/issue';
import { parseEnvironment } from '../core/environment/parse';
import type { Environment } from '../core/environment/schema';
import { readText } from './read-text';
import './warm-parser';

/** Reads the environment of a worker; it may be a link, as mounted configuration is. */
export async function readEnvironmentFile(path: string): Promise<Parsed<Environment>> {
  const read = await readText(path, ownersLimits.maxFileBytes);
  return read.ok ? parseEnvironment(read.text, path) : { ok: false, issues: [fileIssue(path, read.words)] };
}
