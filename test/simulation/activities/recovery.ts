import { refuseRecovery } from '../../../src/core/release/recovery-verdict';
import { newRelease, type ReleaseState } from '../../../src/core/release/state';
import { firstRunId } from '../plans';
import { showsPromotion } from '../world';
import type { Doing, Models } from './model';

function lastSeq({ world }: Doing): number {
  const seqs = world.published

    .filter(({ row }) => row.release === firstRunId)
    .flatMap(({ evidence }) => evidence.map(({ seq }) => seq));
  return Math.max(0, ...seqs);
}

/** The plan and the snapshot are all that the store has of a release. */
function stateOfStore({ world, sealed, nowMs }: Doing): ReleaseState | undefined {
  if (world.prepared === undefined) return undefined;
  const stages = sealed.plan.stages.map(({ id }) => ({ id, state: 'waiting' as const }));
  return { ...newRelease('eve', nowMs()), sealed, snapshot: world.prepared, rolesMac: 'mac', keptMac: 'mac', stages };
}

/** A release is found again whose run was terminated: by its history, or by the store where that is gone. */
export const recovery: Models = {
  *openRecovery(doing) {
    const { world, attempt, fails } = doing;
    yield 'worker';
    const lost = doing.lostState();
    const from = fails('history') ? 'store' : 'history';
    const state = from === 'history' ? lost : stateOfStore(doing);
    yield 'proxy';
    const { snapshot } = state ?? {};
    const ending = lost?.endedAtMs === undefined ? undefined : lost.phase;
    const refusal = refuseRecovery({
      name: 'simulated/shop',
      release: firstRunId,
      isRunning: false,
      isPromoted: lost?.phase === 'Promoted' || (snapshot !== undefined && showsPromotion(world, snapshot.roles)),
      snapshot: snapshot === undefined ? 'none' : 'there',
      ...(ending === undefined ? {} : { ending }),
    });
    if (refusal !== undefined) return { ok: false, refusals: [refusal] };
    const grant = { firstRunId: doing.describeRun()?.firstRunId ?? attempt.task.runId, mac: 'mac' };
    // A store that does not answer at once is asked again by the recovery itself.
    return { ok: true, state, from, grant, ...(fails('history') ? {} : { lastSeq: lastSeq(doing) }) };
  },
  *readLastSeq(doing) {
    yield 'store';
    return lastSeq(doing);
  },
};
