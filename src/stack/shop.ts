import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessSpec } from './process';
import type { Stack } from './start-stack';

/** The sample service of the package. */
export const shopDirectory = join(__dirname, '..', '..', 'examples', 'shop');

export const shopSchema = (): Promise<string> => readFile(join(shopDirectory, 'db', '001-schema.sql'), 'utf8');

const portOf = (address: string): string => address.slice(address.lastIndexOf(':') + 1);

/** The configuration of one slot; Spillway writes it, the shop in that slot reads it. */
export const slotConfigurationPath = ({ runDirectory }: Pick<Stack, 'runDirectory'>, slot: 'blue' | 'green'): string =>
  join(runDirectory, `configuration-${slot}.json`);

/** The supervisor that owns both slots' processes. */
export const supervisorSpec = (stack: Stack, env: { readonly [name: string]: string }): ProcessSpec => ({
  title: 'shop supervisor',
  command: process.execPath,
  args: [join(shopDirectory, 'supervisor.js')],
  logPath: join(stack.runDirectory, 'supervisor.log'),
  env: {
    ...env,
    SHOP_BLUE_PORT: portOf(stack.slots.blue),
    SHOP_GREEN_PORT: portOf(stack.slots.green),
    SHOP_BLUE_CONFIG_FILE: slotConfigurationPath(stack, 'blue'),
    SHOP_GREEN_CONFIG_FILE: slotConfigurationPath(stack, 'green'),
    SHOP_FLAGS_FILE: join(stack.runDirectory, 'flags.json'),
  },
  stopSignal: 'SIGTERM',
  readyTimeoutMs: 10_000,
  isReady: () => Promise.resolve(existsSync(env['SHOP_SUPERVISOR_SOCKET'] ?? '')),
});

const run = promisify(execFile);

/** One of the shop's deploy commands; its JSON line. */
export async function runSlotctl(
  env: { readonly [name: string]: string },
  verb: string,
  options: { readonly [name: string]: string },
): Promise<{ readonly [key: string]: unknown }> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const { stdout } = await run(process.execPath, [join(shopDirectory, 'slotctl.js'), verb, ...args], {
    env: { ...process.env, ...env },
  });
  const line: unknown = JSON.parse(stdout);
  return typeof line === 'object' && line !== null ? { ...line } : {};
}
