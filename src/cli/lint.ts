import { readFile } from 'node:fs/promises';
import { formatIssue, type Issue } from '../core/descriptor/issue';
import { readBundle } from '../descriptor-files/read-bundle';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import { readPolicyFile } from '../descriptor-files/read-policy-file';
import { readSentinelFile } from '../descriptor-files/read-sentinel-file';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';

export type LintOptions = { readonly files: readonly string[]; readonly json?: boolean | undefined };

type Kind = keyof typeof read;

const read = {
  descriptor: readBundle,
  environment: readEnvironmentFile,
  policy: readPolicyFile,
  sentinel: readSentinelFile,
};

/** Which of the files this is; what cannot be read is said by whoever reads it as a descriptor. */
async function kindOf(file: string): Promise<Kind> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, kind] = /^kind:[ \t]*["']?(environment|policy|sentinel)\b/m.exec(text) ?? [];
  return kind === 'environment' || kind === 'policy' || kind === 'sentinel' ? kind : 'descriptor';
}

async function lintFile(
  file: string,
): Promise<{ readonly file: string; readonly kind: Kind; readonly issues: readonly Issue[] }> {
  const kind = await kindOf(file);
  const found = await read[kind](file);
  return { file, kind, issues: found.ok ? [] : found.issues };
}

/** `spillway lint`: everything that is wrong with the files, each as `file:line:column`; asks nobody. */
export async function lint(io: Io, { files, json }: LintOptions): Promise<number> {
  const found = await Promise.all(files.map(lintFile));
  const issues = found.flatMap((each) => each.issues);
  if (json === true)
    printJson(io, { ok: issues.length === 0, files: found.map(({ file, kind }) => ({ file, kind })), issues });
  else print(io, ...issues.map(formatIssue));
  for (const { file, kind, issues: its } of found)
    say(
      io,
      its.length === 0
        ? `✔ ${file}: a good ${kind}`
        : `✖ ${file}: ${its.length} ${its.length === 1 ? 'issue' : 'issues'}`,
    );
  return issues.length === 0 ? exitCodes.ok : exitCodes.invalid;
}
