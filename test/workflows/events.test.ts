import { updates, type Fields, type Rig } from '../support/release-rig';
import { said } from '../support/messages';
import { createRigs } from '../support/rigs';

const rigs = createRigs();
afterAll(rigs.close);

const sixStages = (bakeTime: string): Fields => ({
  stages: [1, 5, 10, 25, 50].map((canaryPercent) => ({
    canaryPercent,
    bakeTime,
    minRequests: 3,
    ...(canaryPercent === 10 ? { gate: 'wider' } : {}),
  })),
  gates: { wider: {}, all: {} },
  fullExposure: { gate: 'all', rollbackWindow: bakeTime, minRequests: 3 },
});

async function eventsOf(rig: Rig, bakeTime: string): Promise<Record<string, number>> {
  const started = await rig.start(sixStages(bakeTime));
  for (const gate of ['wider', 'all']) {
    await started.reach(({ gates }) => gate in gates, `gate ${gate}`);
    await started.handle.executeUpdate(updates.approve, { args: [said('ada', { gate })] });
  }
  expect((await started.handle.result()).ending).toBe('Promoted');
  const { events } = await started.handle.fetchHistory();
  const counts: Record<string, number> = { total: events?.length ?? 0 };
  for (const { eventType } of events ?? []) counts[String(eventType)] = (counts[String(eventType)] ?? 0) + 1;
  return counts;
}

// One user request a metric and bake needs is there at once: what differs is only how long it bakes.
const busy = (rig: Rig) => rig.world.setLoad(5_000);

test(
  'six exposures with two gates take at most 190 events, however long they bake',
  rigs.on(async (rig) => {
    busy(rig);
    const short = await eventsOf(rig, '400ms');
    const long = await eventsOf(rig, '1600ms');
    expect(short['total']).toBeLessThanOrEqual(190);
    expect(long['total']).toBeLessThanOrEqual(190);
    expect(Math.abs((long['total'] ?? 0) - (short['total'] ?? 0))).toBeLessThanOrEqual(6);
  }),
);
