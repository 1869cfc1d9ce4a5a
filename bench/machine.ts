import { execFile } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';
import { findTool } from '../src/stack/tools';

/** What the figures were measured on: without it they say nothing. */
export type Machine = { readonly [what: string]: string };

const run = promisify(execFile);

async function firstLine(program: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...args]);
  return (stdout.trim() || stderr.trim()).split('\n')[0]?.trim() ?? '';
}

const versionOf = (line: string): string => /\d+\.\d+[\w.+-]*/.exec(line)?.[0] ?? line;

const versions = {
  temporal: async () => {
    const line = await firstLine(findTool('temporal'), ['--version']);
    return /Server ([\d.]+)/.exec(line)?.[0] ?? line;
  },
  haproxy: async () => versionOf(await firstLine(findTool('haproxy'), ['-v'])),
  prometheus: async () => versionOf(await firstLine(findTool('prometheus'), ['--version'])),
} as const;

export type Program = keyof typeof versions;
export const allPrograms: readonly Program[] = ['temporal', 'haproxy', 'prometheus'];

/** Which code was measured; `+` says that files were changed since that commit. Empty outside of a clone. */
async function readCommit(): Promise<{ readonly commit?: string }> {
  const git = (...args: readonly string[]) => firstLine('git', args).catch(() => '');
  const commit = await git('rev-parse', '--short', 'HEAD');
  if (commit === '') return {};
  return { commit: (await git('status', '--porcelain', '--untracked-files=no')) === '' ? commit : `${commit}+` };
}

/** The machine, the code, and the versions of the programs that were measured with it. */
export async function readMachine(programs: readonly Program[]): Promise<Machine> {
  const found = await Promise.all(programs.map(async (program) => [program, await versions[program]()] as const));
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    ...Object.fromEntries(found),
    ...(await readCommit()),
  };
}
