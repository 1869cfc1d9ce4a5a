import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

type Place = {
  readonly folder: string;
  readonly socketPath: string;
  readonly slots: { readonly [slot: string]: number };
  readonly sentinelUrl: string | undefined;
};

/** The traffic target of a service. */
export const targetOf = (service: string): string => `t-${service}`;

/** What runs in both slots of each service, as its deployer finds it. */
export async function writeSlotFiles(folder: string, services: readonly string[]): Promise<void> {
  await mkdir(folder);
  for (const service of services) {
    const line = { slot: 'blue', version: '1.0.0', release: 'by-hand', state: 'running', ready: true };
    const none = { slot: 'green', state: 'absent', ready: false };
    await Promise.all([
      writeFile(join(folder, `${service}-blue`), JSON.stringify(line)),
      writeFile(join(folder, `${service}-green`), JSON.stringify(none)),
    ]);
  }
}

/** The environment file of many services that nothing tells apart but their names. */
export function environmentOf(name: string, services: readonly string[], at: Place): string {
  // A list each: what is written twice becomes an alias, which environment files may not have.
  const guarded = () =>
    at.sentinelUrl === undefined ? {} : { sentinels: [{ url: at.sentinelUrl, token: 'env:SPILLWAY_SENTINEL_TOKEN' }] };
  const script = join(__dirname, 'slots.sh');
  const act = (verb: string): string[] => [
    ...['/bin/sh', script, verb, at.folder],
    ...['{slot}', '{version}', '{service}', '{release}'],
  ];
  return stringify({
    apiVersion: 'spillway/v1',
    kind: 'environment',
    name,
    store: { dsn: 'env:SPILLWAY_STORE_DSN' },
    sealKey: 'env:SPILLWAY_SEAL_KEY',
    targets: {
      slots: {
        kind: 'exec',
        deploy: act('deploy'),
        status: ['cat', join(at.folder, '{service}-{slot}')],
        drain: ['true'],
        undeploy: act('undeploy'),
        urls: { blue: `http://127.0.0.1:${at.slots['blue']}`, green: `http://127.0.0.1:${at.slots['green']}` },
        commandTimeout: '30s',
      },
      ...Object.fromEntries(
        services.map((service) => [
          targetOf(service),
          { kind: 'haproxy', backend: service, sockets: [at.socketPath], stateFiles: 'none', ...guarded() },
        ]),
      ),
    },
    services: Object.fromEntries(
      services.map((service) => [service, { traffic: targetOf(service), deployer: 'slots' }]),
    ),
  });
}
