import { defaultPayloadConverter } from '@temporalio/common';
import type { WatchNotice } from '../../src/core/release/messages';
import { signals, updates, type Started } from '../support/release-rig';
import { said } from '../support/messages';
import { createRigs } from '../support/rigs';

const rigs = createRigs();
afterAll(rigs.close);

async function watchIdOf({ handle }: Started): Promise<string> {
  const { events } = await handle.fetchHistory();
  const [observe] = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === 'observe' ? [scheduled.input?.payloads?.[0]] : [],
  );
  if (observe === null || observe === undefined) throw new Error('no watch was scheduled');
  return defaultPayloadConverter.fromPayload<{ readonly watchId: string }>(observe).watchId;
}

const late = (watchId: string, stageId: string, attempt: number): WatchNotice => ({
  kind: 'class',
  watchId,
  attempt,
  stageId,
  class: 'evidence',
  reason: 'said by a worker that stood still and woke',
  verdicts: [],
});

test.concurrent(
  'what a replaced watch says late, or of a stage that is over, does not stop a release whose watch has said advance',
  rigs.on(async (rig) => {
    const started = await rig.start({ pause: { longest: '1h' } });
    await started.reach(({ stage }) => stage === 'expose-25', 'exposed at 25 %');
    await started.handle.executeUpdate(updates.pause, { args: [said('dee')] });
    const ready = await started.reach(
      ({ watch }) => watch?.class === 'advance' && watch.stageId === 'expose-25',
      'the watch says advance',
    );
    const stageId = ready.stage ?? '';
    const watchId = await watchIdOf(started);
    await started.handle.signal(signals.watched, late(watchId, 'expose-5', 1));
    await started.handle.signal(signals.watched, late(watchId, stageId, 0));
    await started.handle.executeUpdate(updates.resume, { args: [said('dee')] });
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);
