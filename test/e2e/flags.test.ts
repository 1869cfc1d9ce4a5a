import { join } from 'node:path';
import { createFlagdFile } from '../../src/adapters/flags/flagd';
import { createUnleashFlags } from '../../src/adapters/flags/unleash';
import type { FlagsPort } from '../../src/ports/flags';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, startRig, startTemporal } from '../support/release-rig';
import { endless } from '../support/shop-release';
import { temporaryDirectory } from '../support/temporary-directory';
import { until } from '../support/until';
import { startUnleash, type TestUnleash } from '../support/unleash';

let temporal: Awaited<ReturnType<typeof startTemporal>>;
let unleash: TestUnleash;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
  temporal = await startTemporal();
  unleash = await startUnleash();
});
afterAll(async () => {
  await Promise.all([temporal?.close(), unleash?.stop(), directory?.remove()]);
});

const tenants = Array.from({ length: 40 }, (_, index) => `tenant-${index}`);
const constraint = { contextName: 'tenant', operator: 'IN', values: tenants };
const strategy = (title: string, rollout: string) => ({
  name: 'flexibleRollout',
  title,
  parameters: { rollout, stickiness: 'userId', groupId: 'two-names' },
  constraints: [constraint],
});

/** A kind of flags, and what stood and is to stand at `two-names`. */
const worlds = {
  unleash: () => ({
    flags: createUnleashFlags({
      url: unleash.url,
      token: unleash.adminToken,
      project: 'default',
      environment: 'development',
      tenantField: 'tenant',
      timeoutMs: 10_000,
    }),
    before: { enabled: true, strategies: [strategy('pilots', '10'), strategy('friends', '25')] },
    after: { enabled: true, strategies: [strategy('everybody of the ring', '50')] },
  }),
  flagd: () => ({
    flags: createFlagdFile({ path: join(directory.path, 'flags.json'), tenantField: 'tenant' }),
    before: {
      state: 'ENABLED',
      variants: { on: true, off: false },
      defaultVariant: 'off',
      targeting: { if: [{ in: [{ var: 'tenant' }, tenants] }, 'on', 'off'] },
    },
    // The environment knows its tenants, and others are refused.
    after: { tenants: ['acme', 'globex'], percent: 50 },
  }),
};
type Kind = keyof typeof worlds;

async function withRelease(
  kind: Kind,
  work: (rig: Awaited<ReturnType<typeof startRig>>, flags: FlagsPort) => Promise<void>,
) {
  const rig = await startRig(temporal.connection, undefined, { flags: () => worlds[kind]().flags });
  try {
    await work(rig, worlds[kind]().flags);
  } finally {
    await rig.close();
  }
}

const kinds: readonly Kind[] = ['unleash', 'flagd'];

it.each(kinds)('a release that is aborted gives flags of %s back exactly, and removes what it made', async (kind) => {
  await withRelease(kind, async (rig, flags) => {
    const { before, after } = worlds[kind]();
    await flags.write('two-names', before);
    const wasBefore = await flags.read('two-names');
    const { handle } = await rig.start({
      ...endless,
      flags: [
        { flag: 'two-names', value: after },
        { flag: 'stop-checkout', value: true, killSwitch: true },
      ],
    });
    await until('exposed', async () => (await rig.world.traffic.readSplit()).green.weight > 0);
    const meanwhile = await flags.read('two-names');
    expect(meanwhile).toEqual(await flags.foretell('two-names', { found: wasBefore, value: after }));
    expect(meanwhile).not.toEqual(wasBefore);
    expect(await flags.read('stop-checkout')).toBeDefined();

    await handle.signal(signals.abort, said('dee'));
    const { type, report } = await failureOf(handle.result());
    expect([type, report.proof?.isRestored]).toEqual(['Aborted', true]);
    expect(await flags.read('two-names')).toEqual(wasBefore);
    expect(await flags.read('stop-checkout')).toBeUndefined();
  });
});

it.each(kinds)('a kill switch of %s that a person threw stays thrown when the release turns back', async (kind) => {
  await withRelease(kind, async (rig, flags) => {
    const flag = 'stop-checkout';
    const { handle } = await rig.start({ ...endless, flags: [{ flag, value: true, killSwitch: true }] });
    await until('exposed', async () => (await rig.world.traffic.readSplit()).green.weight > 0);
    await flags.write(flag, false);
    const thrown = await flags.read(flag);
    await handle.signal(signals.abort, said('dee'));
    const { report } = await failureOf(handle.result());
    expect([report.proof?.isRestored, report.proof?.left?.map(({ effect }) => effect)]).toEqual([
      true,
      [report.undone.find(({ status }) => status === 'left')?.effect],
    ]);
    expect(thrown).toBeDefined();
    expect(await flags.read(flag)).toEqual(thrown);
    await flags.write(flag, undefined);
  });
});

it.each(kinds)('a value that a flag of %s cannot have refuses the release before anything changes', async (kind) => {
  await withRelease(kind, async (rig) => {
    const { handle } = await rig.start({ flags: [{ flag: 'two-names', value: 7 }] });
    const { type, report } = await failureOf(handle.result());
    expect([type, report.refusals[0]?.code]).toEqual(['Refused', 'target-refuses']);
    expect(report.refusals[0]?.message).toContain('flag two-names cannot become 7');
    expect(rig.control.order(/apply|write|deploy$|undo|restore/)).toEqual([]);
  });
});
