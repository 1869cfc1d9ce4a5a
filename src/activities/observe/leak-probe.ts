import type { Asker } from '../../core/cohorts/asker';
import type { LeakReading } from '../../core/cohorts/leak';
import type { CohortShare } from '../../core/cohorts/members';
import { outsidersOf, type Outsider } from '../../core/cohorts/outside';
import type { Slots } from '../../core/plan/effects';
import type { ExposeStage } from '../../core/plan/stages';
import { PortError } from '../../ports/errors';
import type { Ports } from '../ports';

const askEveryMs = 1_000;
/** However many tenants there are: each round asks for the next of them. */
const mostAtOnce = 10;
/** Shares change between two looks: a leak is one that is seen again later in the stage. */
const askAgainAfterMs = 500;

type Exposure = {
  readonly target: string;
  readonly roles: Slots;
  readonly stages: readonly ExposeStage[];
  /** So that the strangers of two releases have other names. */
  readonly release: string;
};

/**
 * Asks, beside the watch, as users who are in no cohort, listed or not, and finds out whether they see the canary. Only where
 * cohorts alone are exposed: later everybody may see it.
 */
export function createLeakProbe(
  ports: Pick<Ports, 'environment' | 'traffic' | 'now'>,
  { target, roles, stages, release }: Exposure,
) {
  let reading: LeakReading | undefined;
  let sightedAtMs: number | undefined;
  let isAsking = false;
  let nextAtMs = 0;
  let place = 0;
  /** How often everybody outside was asked for in this stage, and how many listed members that were. */
  let passes = 0;
  let asked = 0;
  let bug: { readonly error: unknown } | undefined;

  async function seesCanary(asker: Asker, name: string): Promise<boolean> {
    const slots = await ports.traffic(target).whoServes(asker);
    if (slots.includes(undefined))
      throw new PortError('Rejected', `an answer for ${name} does not say which slot gave it`);
    return slots.includes(roles.canary);
  }

  /** Who has the canary whole has to see it: else HAProxy does not go by what the probe says of itself. */
  async function assertProbeWorks(inside: readonly CohortShare[]): Promise<void> {
    const whole = inside.find(({ canaryPercent }) => canaryPercent === 100)?.member;
    if (whole === undefined || (await seesCanary({ member: whole }, whole))) return;
    throw new PortError('Rejected', `${whole} has the canary whole, and the probe does not see it as ${whole}`);
  }

  async function ask(
    stageIndex: number,
    inside: readonly CohortShare[],
    outside: readonly Outsider[],
  ): Promise<LeakReading> {
    await assertProbeWorks(inside);
    const round = outside.slice(place, place + mostAtOnce);
    const isLast = place + mostAtOnce >= outside.length;
    const seen = await Promise.all(round.map(({ asker, name }) => seesCanary(asker, name)));
    const found = round.find((_, index) => seen[index]);
    if (found !== undefined) {
      // The same users again at the next round, so that a rule that lets some of them through is seen twice.
      const isSecond = sightedAtMs !== undefined && ports.now() - sightedAtMs >= askAgainAfterMs;
      if (isSecond) return { stageIndex, kind: 'leak', who: found.name };
      sightedAtMs ??= ports.now();
      nextAtMs = ports.now() + askAgainAfterMs;
      return { stageIndex, kind: 'asking' };
    }
    place = isLast ? 0 : place + mostAtOnce;
    if (isLast) {
      passes += 1;
      asked = outside.filter(({ isListed }) => isListed).length;
    }
    return passes > 0 ? { stageIndex, kind: 'clean', members: asked } : { stageIndex, kind: 'asking' };
  }

  async function askOnce(
    stageIndex: number,
    inside: readonly CohortShare[],
    outside: readonly Outsider[],
  ): Promise<void> {
    isAsking = true;
    try {
      reading = await ask(stageIndex, inside, outside);
    } catch (error) {
      if (error instanceof PortError) reading = { stageIndex, kind: 'unknown', detail: error.message };
      else bug = { error };
    } finally {
      isAsking = false;
    }
  }

  return {
    /** What is known of a stage; undefined where everybody may see the canary. Starts the next round when it is due. */
    take(stageIndex: number, nowMs: number): LeakReading | undefined {
      if (bug !== undefined) throw bug.error;
      const { id, canaryPercent = 0, cohorts } = stages[stageIndex] ?? {};
      if (canaryPercent > 0 || cohorts === undefined) return undefined;
      if (reading?.stageIndex !== stageIndex) {
        reading = { stageIndex, kind: 'asking' };
        sightedAtMs = undefined;
        [place, asked, passes] = [0, 0, 0];
      }
      if (isAsking || nowMs < nextAtMs) return reading;
      nextAtMs = nowMs + askEveryMs;
      // Others at every pass: a rule that lets a part of all strangers through meets one of them sooner or later.
      const outside = outsidersOf(ports.environment, target, cohorts, `${release}/${id}/${passes}`);
      if (outside === undefined)
        reading = { stageIndex, kind: 'unknown', detail: `${target} does not say any more who there is` };
      else void askOnce(stageIndex, cohorts, outside);
      return reading;
    },
  };
}
