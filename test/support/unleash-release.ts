import { createUnleashFlags } from '../../src/adapters/flags/unleash';
import type { Policy } from '../../src/core/policy/schema';
import type { FlagsPort } from '../../src/ports/flags';
import { isExposed } from './recoveries';
import { startRig, startTemporal, type Rig, type Started } from './release-rig';
import { endless } from './shop-release';
import { startUnleash, type TestUnleash } from './unleash';

/** The effect of these releases. */
export const flag = 'flag/switches/two-names';

const place = '/projects/default/features/two-names/environments/development';
const strategy = (title: string, rollout: string) => ({
  name: 'flexibleRollout',
  title,
  parameters: { rollout, stickiness: 'userId', groupId: 'two-names' },
  constraints: [],
});

/** What stood at flag `two-names` before a release, and what the release makes of it. */
export const before = { enabled: true, strategies: [strategy('pilots', '10'), strategy('friends', '25')] };
export const after = { enabled: true, strategies: [strategy('everybody of the ring', '50')] };

export type UnleashWorld = {
  readonly unleash: TestUnleash;
  /** Reads and writes as a worker does; it gives an answer two seconds. */
  readonly flags: FlagsPort;
  /** How `two-names` stands, as Spillway writes it down. */
  stands(): Promise<unknown>;
  /** How it stands with this value. */
  asWritten(value: object): Promise<unknown>;
  /** Does this right before the worker sends the next request that changes something. */
  beforeNextChange(work: () => void): void;
  /** Somebody who is no release switches `two-names` off. */
  turnOff(): Promise<unknown>;
  /** Runs a release of `two-names`, which stands there as before; everything is over when it resolves. */
  withRelease(work: (rig: Rig, begin: () => Promise<Started>) => Promise<void>, policy?: Policy): Promise<void>;
  close(): Promise<void>;
};

/** A real Unleash, and releases on a real Temporal whose other targets are in memory. */
export async function startUnleashWorld(): Promise<UnleashWorld> {
  const temporal = await startTemporal();
  const unleash = await startUnleash();
  let due: (() => void) | undefined;
  const flags = createUnleashFlags({
    url: unleash.url,
    token: unleash.adminToken,
    project: 'default',
    environment: 'development',
    tenantField: 'tenant',
    timeoutMs: 2_000,
    send: (url, init) => {
      const work = init.method === 'GET' ? undefined : due;
      if (work !== undefined) due = undefined;
      work?.();
      return fetch(url, init);
    },
  });
  return {
    unleash,
    flags,
    stands: () => flags.read('two-names'),
    asWritten: (value) => flags.foretell('two-names', { found: undefined, value: value as never }),
    beforeNextChange: (work) => void (due = work),
    turnOff: () => unleash.admin('POST', `${place}/off`),
    async withRelease(work, policy) {
      await flags.write('two-names', before);
      const rig = await startRig(temporal.connection, policy, { flags: () => flags });
      try {
        await work(rig, () =>
          rig.start({ ...endless, flags: [{ flag: 'two-names', value: after }], notify: [{ to: 'chat' }] }),
        );
      } finally {
        await rig.close();
      }
    },
    close: async () => {
      await Promise.all([temporal.close(), unleash.stop()]);
    },
  };
}

export async function exposed(begin: () => Promise<Started>): Promise<Started> {
  const started = await begin();
  await started.reach(isExposed, 'exposed');
  return started;
}
