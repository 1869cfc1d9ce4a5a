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
  const { snapshot } = world.prepared;
  return { ...newRelease('eve', nowMs()), sealed, snapshot, rolesMac: 'mac', keptMac: 'mac', stages };
}

/** How it ended, by what the store was told. */
const endingInStore = ({ world }: Doing): string | undefined =>
  world.published.find(({ row }) => row.release === firstRunId && row.endedAt !== undefined)?.row.phase;

/** A release is found again whose run was terminated: by its history, or by the store where that is gone. */
export const recovery: Models = {
  *openRecovery(doing) {
    const { world, attempt, fails } = doing;
    yield 'worker';
    const known = fails('history') ? undefined : doing.known();
    const from = known === undefined ? 'store' : known.isNewest ? 'history' : 'earlier-run';
    const isTold = known !== undefined && (known.isNewest || known.state.snapshot !== undefined);
    const state = isTold ? known.state : stateOfStore(doing);
    yield 'proxy';
    const { snapshot } = state ?? {};
    const ending = known?.state.endedAtMs === undefined ? endingInStore(doing) : known.state.phase;
    const refusal = refuseRecovery({
      name: 'simulated/shop',
      release: firstRunId,
      isRunning: false,
      isPromoted:
        known?.state.phase === 'Promoted' || (snapshot !== undefined && showsPromotion(world, snapshot.roles)),
      snapshot: snapshot === undefined ? (isTold ? 'none' : 'lost') : 'there',
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
