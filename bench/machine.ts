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

export async function readMachine(): Promise<Machine> {
  const [haproxy, temporal, prometheus] = await Promise.all([
    firstLine(findTool('haproxy'), ['-v']),
    firstLine(findTool('temporal'), ['--version']),
    firstLine(findTool('prometheus'), ['--version']),
  ]);
  const processors = cpus();
  return {
    processor: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 1024 ** 3).toFixed(1)} GiB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    temporal: /Server ([\d.]+)/.exec(temporal)?.[0] ?? temporal,
    haproxy: versionOf(haproxy),
    prometheus: versionOf(prometheus),
  };
}
