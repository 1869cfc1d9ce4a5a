import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Program } from './program';

type Stack = { readonly name: string; readonly exported: string; readonly description: string };

const commands: readonly Stack[] = [
  { name: 'dev', exported: 'addDevCommand', description: 'keep the embedded stack up for trials' },
  { name: 'demo', exported: 'addDemoCommand', description: 'show a good release and a bad one on the embedded stack' },
  { name: 'worker', exported: 'addWorkerCommand', description: 'run the worker of one environment' },
  {
    name: 'sentinel',
    exported: 'addSentinelCommand',
    description: 'close the gate of some proxies when the engine is silent',
  },
];

const isAdder = (value: unknown): value is (program: Command) => void => typeof value === 'function';

/**
 * Commands that run servers. Only the one that is called is loaded: the worker's libraries take a second.
 * Each adds itself, with its own options, and sets the exit code of the process.
 */
export async function addStackCommands({ command, groups }: Program, wanted: string | undefined): Promise<void> {
  for (const { name, exported, description } of commands) {
    const file = path.join(__dirname, name);
    if (!existsSync(`${file}.js`) && !existsSync(`${file}.ts`)) continue;
    if (name !== wanted) {
      command.command(name).helpGroup(groups.stack).description(description);
      continue;
    }
    const loaded: unknown = await import(file);
    const add: unknown = typeof loaded === 'object' && loaded !== null ? Reflect.get(loaded, exported) : undefined;
    if (!isAdder(add)) throw new Error(`${file} exports no ${exported}`);
    add(command);
  }
}
