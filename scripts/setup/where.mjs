import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const temporalCliVersion = '1.5.1';
export const testServerVersion = '1.38.0';
export const pgrollVersion = '0.14.0';
export const unleashVersion = '7.5.1';
export const rootDirectory = fileURLToPath(new URL('../../', import.meta.url));
export const cacheDirectory = process.env.SPILLWAY_CACHE || join(homedir(), '.cache', 'spillway');
export const cachedTemporalCli = join(cacheDirectory, 'temporal-cli', temporalCliVersion, 'temporal');
export const cachedPgroll = join(cacheDirectory, 'pgroll', pgrollVersion, 'pgroll');
export const cachedUnleash = join(cacheDirectory, 'unleash', unleashVersion);
export const cachedTestServer = join(cacheDirectory, 'test-server', testServerVersion, 'temporal-test-server');

// Servers are installed where the search path of an ordinary user often does not reach.
const systemDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The absolute path of a program, or undefined. */
export function findProgram(name) {
  const directories = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...systemDirectories];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** Go is often unpacked without being added to the search path. */
export function findGo() {
  return findProgram('go') ?? ['/usr/local/go/bin/go', join(homedir(), 'go', 'bin', 'go')].find(isExecutable);
}

export const isSourceCheckout = () =>
  existsSync(join(rootDirectory, 'src')) && existsSync(join(rootDirectory, 'package-lock.json'));
