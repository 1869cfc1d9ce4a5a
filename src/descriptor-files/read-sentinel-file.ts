import { ownersLimits } from '../core/descriptor/guard';
import { fileIssue, type Parsed } from '../core/descriptor/issue';
import { parseSentinel } from '../core/sentinel/parse';
import type { SentinelFile } from '../core/sentinel/schema';
import { readText } from './read-text';
import './warm-parser';

/** Reads the file of a sentinel; it may be a link, as mounted configuration is. */
export async function readSentinelFile(path: string): Promise<Parsed<SentinelFile>> {
  const read = await readText(path, ownersLimits.maxFileBytes);
  return read.ok ? parseSentinel(read.text, path) : { ok: false, issues: [fileIssue(path, read.words)] };
}
