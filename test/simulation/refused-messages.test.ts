import type { ReleaseState } from '../../src/core/release/state';
import { openSimulation } from './campaign';
import { createScripted } from './scripted';

const simulation = openSimulation();
const hourMs = 3_600_000;
const said = (id: string, by: string) => ({ id, by, why: 'a reason' });

/** A message that is refused leaves nothing in the history: whoever replays it must not need it. */
test('a refused message beside an abort and the end of a publication changes nothing that a replay would miss', async () => {
  const { sandbox, plans } = await simulation;
  const [, sealed] = plans;
  if (sealed === undefined) throw new Error('the simulation has no plan');
  let isStoreAway = false;
  // Tasks wait a little, so that all that happens meanwhile comes in one.
  const play = createScripted({ sandbox, sealed, taskDelayMs: 20 }, (target) =>
    target === 'store' && isStoreAway ? 'unavailable' : 'goes-on',
  );
  const { server, releaseId, world } = play;
  const state = (): ReleaseState => play.stateOf(releaseId);
  play.start('eve');
  expect(play.until(() => 'go' in (state()?.gates ?? {}), hourMs)).toBe(true);
  for (const by of ['ada', 'bob']) server.signal(releaseId, 'approve', { ...said(by, by), gate: 'go' });
  expect(play.until(() => (server.find(releaseId)?.pending('observe').length ?? 0) > 0, hourMs)).toBe(true);
  const [watch] = server.find(releaseId)?.pending('observe') ?? [];
  const { watchId } = watch?.input as { readonly watchId: string };
  const hold = (reason: string): void =>
    void server.signal(releaseId, 'watched', {
      ...{ kind: 'class', watchId, attempt: 1, stageId: 'expose-25' },
      ...{ class: 'no-data', reason, verdicts: [] },
    });
  isStoreAway = true;
  hold('no answer');
  expect(play.until(() => state().watch?.class === 'no-data', hourMs)).toBe(true);
  // More to tell while the first news is still under way.
  hold('still no answer');
  play.pass(100);
  isStoreAway = false;
  const before = world.published.length;
  expect(play.until(() => world.published.length > before, hourMs)).toBe(true);
  server.signal(releaseId, 'abort', said('stop', 'dee'));
  server.update(releaseId, 'reject', { ...said('no', 'mallory'), gate: 'none' });
  expect(play.until(() => state().failure !== undefined, hourMs)).toBe(true);
  play.pass(10);
  server.killWorkers();
  expect(play.until(() => server.find(releaseId) === undefined, hourMs)).toBe(true);
  expect(state()).toMatchObject({ phase: 'Aborted', proof: { isRestored: true } });
});
