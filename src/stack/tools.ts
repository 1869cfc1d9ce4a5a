import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { StackError } from './stack-error';

export type Tool = 'temporal' | 'haproxy' | 'prometheus' | 'promtool' | 'testServer';

// Servers are installed where the search path of an ordinary user often does not reach.
const systemDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

interface Place {
  readonly title: string;
  readonly program: string | undefined;
  readonly cached: string | undefined;
  readonly setup: string;
}

const setup = 'node scripts/setup.mjs';
const places: Readonly<Record<Tool, Place>> = {
  temporal: { title: 'the Temporal CLI', program: 'temporal', cached: 'temporal-cli/1.5.1/temporal', setup },
  haproxy: { title: 'HAProxy', program: 'haproxy', cached: undefined, setup },
  prometheus: { title: 'Prometheus', program: 'prometheus', cached: undefined, setup },
  promtool: { title: "Prometheus' promtool", program: 'promtool', cached: undefined, setup },
  testServer: {
    title: 'the time-skipping test server',
    program: undefined,
    cached: 'test-server/1.38.0/temporal-test-server',
    setup: `${setup} --with-tests`,
  },
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The folder that `scripts/setup.mjs` fills: `SPILLWAY_CACHE`, else `~/.cache/spillway`. */
function cacheDirectory(): string {
  const chosen = process.env['SPILLWAY_CACHE'];
  return chosen ? chosen : join(homedir(), '.cache', 'spillway');
}

/**
 * The absolute path of a program the stack or the tests run: from the search path, else from the cache.
 * Throws a {@link StackError} naming the set-up command when it is nowhere.
 */
export function findTool(tool: Tool): string {
  const { title, program, cached, setup: command } = places[tool];
  const searchPath = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const candidates = [
    ...(program === undefined
      ? []
      : [...searchPath, ...systemDirectories].map((directory) => join(directory, program))),
    ...(cached === undefined ? [] : [join(cacheDirectory(), cached)]),
  ];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new StackError(`${title} is neither on the PATH nor in ${cacheDirectory()}; run: ${command}`);
}
