import { createHash } from 'node:crypto';
import path from 'node:path';
import { maxBundleBytes, openBundle, type Bundle, type BundleFile } from '../core/descriptor/bundle';
import { strangersLimits } from '../core/descriptor/guard';
import { fileIssue, sortIssues, type Finding, type Issue } from '../core/descriptor/issue';
import { namedFiles, type NamedFile } from '../core/descriptor/named-files';
import { checkDescriptor } from '../core/descriptor/parse';
import { issuesOf, judgeBundle } from '../sql/judge-bundle';
import { readTextBelow } from './read-text';
import './warm-parser';

export type ReadBundle =
  { readonly ok: true; readonly bundle: Bundle } | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Packs a descriptor and exactly the files it names, at most 1 MB in all, and nothing from outside its folder.
 * Issues point at the line of the descriptor that names the file, or into a SQL file that is not safe in its part;
 * faults of the disk itself are thrown.
 */
export async function readBundle(descriptorPath: string): Promise<ReadBundle> {
  const folder = path.dirname(descriptorPath);
  const name = path.basename(descriptorPath);
  const read = await readTextBelow(folder, { relative: name, maxBytes: strangersLimits.maxFileBytes });
  if (!read.ok) return { ok: false, issues: [fileIssue(descriptorPath, read.words)] };
  const checked = checkDescriptor(read.text, descriptorPath);
  if (!checked.ok) return checked;
  const { value: descriptor, source } = checked.value;
  const left = maxBundleBytes - Buffer.byteLength(read.text);
  const { files, findings } = await readNamed(folder, { named: namedFiles(descriptor), left });
  if (findings.length > 0) return { ok: false, issues: sortIssues(findings.map(source.locate)) };
  const bundle: Bundle = { descriptor: { path: name, text: read.text }, files };
  const opened = openBundle(bundle);
  // The worker would refuse it with the same words, but later; here the files are called as the user called them.
  if (!opened.ok) {
    const isNamed = (file: string): boolean => files.some((each) => each.path === file);
    const called = (file: string): string => (isNamed(file) ? path.join(folder, file) : descriptorPath);
    return { ok: false, issues: opened.issues.map((issue) => ({ ...issue, file: called(issue.file) })) };
  }
  const unsafe = issuesOf(await judgeBundle(opened.value));
  if (unsafe.length > 0) {
    return { ok: false, issues: unsafe.map((issue) => ({ ...issue, file: path.join(folder, issue.file) })) };
  }
  return { ok: true, bundle };
}

async function readNamed(
  folder: string,
  { named, left }: { readonly named: readonly NamedFile[]; readonly left: number },
): Promise<{ readonly files: readonly BundleFile[]; readonly findings: readonly Finding[] }> {
  const files: BundleFile[] = [];
  const findings: Finding[] = [];
  const seen = new Set<string>();
  let bytes = left;
  for (const { path: relative, namedAt } of named) {
    if (seen.has(relative)) continue;
    seen.add(relative);
    const read = await readTextBelow(folder, { relative, maxBytes: bytes });
    if (!read.ok) {
      findings.push({ ...read.words, path: namedAt });
      continue;
    }
    bytes -= Buffer.byteLength(read.text);
    files.push({ path: relative, sha256: createHash('sha256').update(read.text).digest('hex'), text: read.text });
  }
  return { files, findings };
}
