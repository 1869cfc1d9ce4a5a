import { watchFile } from 'node:fs';
import { join } from 'node:path';
import { FlagdProvider } from '@openfeature/flagd-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { createConfigurationFile } from '../../src/adapters/configuration/file';
import { createFlagdFile } from '../../src/adapters/flags/flagd';
import { slotConfigurationPath } from '../../src/stack/shop';
import { flagsAt } from '../../test/adapters/flags/unleash/rig';
import { startUnleash } from '../../test/support/unleash';
import type { Bench } from '../bench';
import { readRoles } from '../release-run';

/** Something that an adapter sets, and what somebody who only looks now and then takes it for. */
export type Watched = {
  readonly name: string;
  set(value: boolean): Promise<void>;
  see(): boolean | Promise<boolean>;
  stop(): Promise<void>;
};

const key = 'seen';
const pollMs = 1_000;

/** Unleash's own SDK, which asks a real Unleash once a second. */
export async function watchUnleash(): Promise<Watched> {
  const unleash = await startUnleash();
  try {
    const flags = flagsAt(unleash);
    await flags.write(key, false);
    const sdk = await unleash.startSdk({ refreshIntervalMs: pollMs });
    return {
      name: 'a flag of Unleash, by its SDK',
      set: (value) => flags.write(key, value),
      see: () => sdk.isEnabled(key, {}),
      stop: async () => {
        sdk.destroy();
        await unleash.stop();
      },
    };
  } catch (error) {
    await unleash.stop();
    throw error;
  }
}

/** An OpenFeature client whose flagd provider reads the file inside the process. */
export async function watchFlagd({ embedded }: Bench): Promise<Watched> {
  const path = join(embedded.stack.runDirectory, 'seen.flagd.json');
  const flags = createFlagdFile({ path, tenantField: 'tenant' });
  await flags.write(key, false);
  // The provider has no option for its poll of 5 s; Node keeps one watcher a file, at the interval of who came first.
  watchFile(path, { interval: pollMs }, () => undefined);
  const provider = new FlagdProvider({ resolverType: 'in-process', offlineFlagSourcePath: path });
  await OpenFeature.setProviderAndWait(key, provider);
  const client = OpenFeature.getClient(key);
  return {
    name: 'a flag in a file of flagd, by OpenFeature',
    set: (value) => flags.write(key, value),
    see: () => client.getBooleanValue(key, false),
    stop: () => OpenFeature.close(),
  };
}

/** The shop that serves users, which looks at its configuration file five times a second. */
export async function watchShop(bench: Bench): Promise<Watched> {
  const { baseline: serving, canary: idle } = await readRoles(bench);
  const { stack } = bench.embedded;
  const paths = { blue: slotConfigurationPath(stack, 'blue'), green: slotConfigurationPath(stack, 'green') };
  const configuration = createConfigurationFile({ paths });
  const slots = { baseline: idle, canary: serving };
  const headers = { 'x-spillway-check': 'seen' };
  return {
    name: 'a configuration file, by the service',
    set: (value) => configuration.apply(slots, { [key]: value }, 'bench-seen'),
    see: async () => {
      const page = await fetch(`http://${stack.slots[serving]}/`, { headers });
      const { config } = (await page.json()) as { readonly config: { readonly [name: string]: unknown } };
      return config[key] === true;
    },
    stop: () => configuration.restore(slots, 'bench-seen'),
  };
}
