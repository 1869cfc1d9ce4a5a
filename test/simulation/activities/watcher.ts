import type { ObserveInput } from '../../../src/activities/observe/observe';
import type { WatchClass, WatchNotice } from '../../../src/core/release/messages';
import type { Attempt } from '../server/activity';
import type { Started } from './fate';
import type { Agenda } from '../agenda';
import { foreignPercent, shareOf, type World } from '../world';

/** What the evidence will say, by the moment at which a stage began. */
export type Evidence = {
  /** When the canary turns bad; Infinity for never. */
  readonly badFromMs: number;
  /** How long a stage lacks evidence after its bake. */
  lateMs(stageId: string): number;
  /** When data is missing, from and to. */
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly rollsBack: boolean }[];
};

type State = { readonly stageIndex: number; readonly isReached: boolean; readonly bakedMs: number };

const lookMs = 50;
const lostAfterMs = 150;
const tellLostEveryMs = 1_000;

/** The watch of an exposure, as the real one follows the weights; it looks when something may be new. */
export function createWatcher(
  agenda: Agenda,
  world: World,
  evidence: Evidence,
  signal: (workflowId: string, notice: WatchNotice) => void,
  latencyMs: () => number,
) {
  const lookers = new Set<() => void>();

  function start(attempt: Attempt): Started {
    const input = attempt.task.input as ObserveInput;
    const { canary, baseline } = input.permit.roles;
    const beaten = (attempt.task.heartbeat as { readonly state: State } | undefined)?.state;
    let state: State = beaten ??
      (input.carried as State | undefined) ?? { stageIndex: input.stageIndex, isReached: false, bakedMs: 0 };
    let told = '';
    let lastMs = agenda.nowMs();
    let isDead = false;
    let frozenUntilMs = 0;
    let lostSinceMs: number | undefined;
    let lostToldMs = -Infinity;
    let cancelNext: (() => void) | undefined;

    function end(): void {
      isDead = true;
      cancelNext?.();
      lookers.delete(look);
    }
    function later(ms: number): void {
      cancelNext?.();
      cancelNext = agenda.after(Math.max(ms, 1), tick);
    }
    const look = (): void => later(lookMs);

    const stageNow = () => {
      const stage = input.stages[state.stageIndex];
      if (stage === undefined) throw new Error(`no exposure stage ${state.stageIndex}`);
      return stage;
    };
    function tell(kind: WatchClass): void {
      const { id } = stageNow();
      const key = `${id} ${kind}`;
      if (key === told || (kind === 'baking' && !told.startsWith(`${id} `))) return;
      told = key;
      const notice = {
        kind: 'class',
        watchId: input.watchId,
        attempt: attempt.number,
        stageId: id,
        class: kind,
        reason: kind,
        verdicts: [],
      } as const;
      agenda.after(latencyMs(), () => signal(input.permit.seal.workflowId, notice));
    }
    function turnBack(code: 'GuardrailBroken' | 'NoData'): void {
      end();
      const reason = `${code} at ${stageNow().id}`;
      attempt.report({ kind: 'completed', value: { code, reason, stageId: stageNow().id, verdicts: [], view: {} } });
    }

    function follow(nowMs: number): 'as-wanted' | 'not-yet' | 'lost' {
      const percent = shareOf(world, canary);
      const found = input.stages.findIndex(
        (stage, index) => index >= state.stageIndex && Math.abs(stage.canaryPercent - percent) <= 0.2,
      );
      const isPromoted =
        found === -1 &&
        state.stageIndex === input.stages.length - 1 &&
        world.split[baseline].state === 'maint' &&
        percent > 99;
      if (found === -1 && !isPromoted) return state.isReached ? 'lost' : 'not-yet';
      if (isPromoted || (found === state.stageIndex && state.isReached))
        state = { ...state, bakedMs: state.bakedMs + nowMs - lastMs };
      else state = { stageIndex: found, isReached: true, bakedMs: 0 };
      return 'as-wanted';
    }

    function tick(): void {
      if (isDead) return;
      const nowMs = agenda.nowMs();
      if (nowMs < frozenUntilMs) return later(frozenUntilMs - nowMs);
      if (frozenUntilMs > 0) attempt.wake();
      frozenUntilMs = 0;
      const reading = follow(nowMs);
      lastMs = nowMs;
      attempt.beat({ state, view: {} });
      const gap = evidence.gaps.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
      if (nowMs >= evidence.badFromMs && shareOf(world, canary) > 0) return turnBack('GuardrailBroken');
      if (gap?.rollsBack === true && nowMs >= gap.toMs - lookMs) return turnBack('NoData');
      tellLost(reading, nowMs);
      const dueMs = stageNow().bakeMs + evidence.lateMs(stageNow().id);
      if (gap !== undefined) tell('no-data');
      else if (state.bakedMs >= dueMs) tell('advance');
      else tell(state.bakedMs >= stageNow().bakeMs ? 'evidence' : 'baking');
      // Its next heartbeat is answered: nobody waits for this attempt any more.
      if (!attempt.isWanted()) return end();
      later(nextMs(nowMs, reading, dueMs));
    }

    function tellLost(reading: 'as-wanted' | 'not-yet' | 'lost', nowMs: number): void {
      if (reading !== 'lost') return void (lostSinceMs = undefined);
      lostSinceMs ??= nowMs;
      if (nowMs - lostSinceMs < lostAfterMs || nowMs - lostToldMs < tellLostEveryMs) return;
      lostToldMs = nowMs;
      const notice = {
        kind: 'split-lost',
        watchId: input.watchId,
        attempt: attempt.number,
        stageId: stageNow().id,
        observed: 'lost',
        isByHand: shareOf(world, canary) === foreignPercent,
      } as const;
      agenda.after(latencyMs(), () => signal(input.permit.seal.workflowId, notice));
    }

    /** How long until something may be new. */
    function nextMs(nowMs: number, reading: string, dueMs: number): number {
      const moments = evidence.gaps.flatMap(({ fromMs, toMs }) => [
        fromMs - nowMs,
        toMs - lookMs - nowMs,
        toMs - nowMs,
      ]);
      const bakes = [stageNow().bakeMs - state.bakedMs, dueMs - state.bakedMs];
      const lost = reading === 'lost' ? [lostAfterMs, tellLostEveryMs] : [];
      const due = [...moments, ...(reading === 'as-wanted' ? bakes : []), ...lost, evidence.badFromMs - nowMs];
      return Math.min(...due.filter((ms) => ms > 0), 86_400_000);
    }

    lookers.add(look);
    later(latencyMs());
    return {
      die() {
        end();
        attempt.fallSilent();
      },
      freeze(ms) {
        frozenUntilMs = agenda.nowMs() + ms;
        attempt.fallSilent();
        later(ms);
      },
      cancel() {
        if (isDead) return;
        end();
        attempt.report({ kind: 'cancelled' });
      },
    };
  }

  return {
    start,
    /** The weights changed. */
    lookAll(): void {
      for (const look of lookers) look();
    },
  };
}
