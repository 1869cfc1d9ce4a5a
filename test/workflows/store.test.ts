import { seededRandom } from '../../src/core/seeded-random';
import { verifyChain } from '../../src/core/evidence/chain';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { signals, type Rig } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { endless } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

async function expectWholeEvidence(rig: Rig, ending: string): Promise<void> {
  const [row] = await rig.world.store.releases(rig.environment, 1);
  const records = await rig.world.store.evidence(row?.release ?? '');
  expect(row?.phase).toBe(ending);
  expect(verifyChain(records).ok).toBe(true);
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_record, index) => index + 1));
  expect(records[0]?.type).toBe('started');
  expect(records.filter(({ type }) => type === 'ended')).toHaveLength(1);
}

test.concurrent(
  'a store that is down from start to promotion delays nothing, and gets everything in order when it is back',
  rigs.on(async (rig) => {
    rig.world.store.setDown(true);
    const started = await rig.start();
    await started.reach(({ phase }) => phase === 'Promoted', 'promoted');
    expect(await rig.world.traffic.readSplit()).toEqual({
      blue: { weight: 0, state: 'maint' },
      green: { weight: 100, state: 'ready' },
    });
    rig.world.store.setDown(false);
    expect((await started.handle.result()).ending).toBe('Promoted');
    await expectWholeEvidence(rig, 'Promoted');
    expect(await rig.world.store.role(rig.environment, 'shop')).toMatchObject({ baseline: 'green', version: '2.0.0' });
  }),
);

test.concurrent(
  'a store that goes down during an exposure delays no rollback',
  rigs.on(async (rig) => {
    const started = await rig.start(endless);
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed');
    rig.world.store.setDown(true);
    await started.handle.signal(signals.abort, said('dee'));
    const { failure, endedAtMs } = await started.reach(({ phase }) => phase === 'Aborted', 'aborted');
    expect((endedAtMs ?? Infinity) - (failure?.atMs ?? 0)).toBeLessThan(5_000);
    rig.world.store.setDown(false);
    expect((await failureOf(started.handle.result())).report.proof?.isRestored).toBe(true);
    await expectWholeEvidence(rig, 'Aborted');
  }),
);

test.concurrent(
  'a store that comes and goes gets every fact once',
  rigs.on(async (rig) => {
    // By chance: a beat would fall in with the waits between two attempts, and every attempt into the same half of it.
    const random = seededRandom(1);
    const flicker = setInterval(() => rig.world.store.setDown(random() < 0.5), 130);
    try {
      const started = await rig.start({ notify: [{ to: 'chat' }] });
      expect((await started.handle.result()).ending).toBe('Promoted');
    } finally {
      clearInterval(flicker);
      rig.world.store.setDown(false);
    }
    await expectWholeEvidence(rig, 'Promoted');
    const told = await rig.world.store.takeOutbox(50, 0);
    expect(told.filter(({ notification }) => notification.kind === 'ended')).toHaveLength(1);
  }),
);
