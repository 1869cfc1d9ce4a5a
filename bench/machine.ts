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

/** The machine, and the versions of the programs that were measured with it. */
export async function readMachine(programs: readonly Program[]): Promise<Machine> {
  const found = await Promise.all(programs.map(async (program) => [program, await versions[program]()] as const));
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    ...Object.fromEntries(found),
  };
}
