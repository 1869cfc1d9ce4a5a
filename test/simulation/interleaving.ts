import type { SealedPlan } from '../../src/core/plan/plan';
import { createAgenda } from './agenda';
import { createRandom } from './random';
import { createScene } from './scene';
import type { Sandbox } from './server/workflow-code';

export type Interleaving = {
  readonly seed: number;
  /** What must never be and was; empty where all is right. */
  readonly broken: readonly string[];
  readonly ending: string | undefined;
  /** Equal for equal runs, event by event. */
  readonly digest: number;
  readonly steps: number;
};

const startMs = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const mostSteps = 60_000;
/** So long after the last fault, whoever still waits ends it; so long after that, it must be over. */
const patienceMs = 30 * hour;
const endsWithinMs = 12 * hour;
/** What comes after a release: the guard of its ending, and a contract whose gate is open for two weeks. */
const afterwardsMs = 17 * 24 * hour;

/** One whole release of one seed: the real workflow, a simulated server and world, people and faults, judged all the while. */
export function runInterleaving(
  sandbox: Sandbox,
  plans: readonly SealedPlan[],
  seed: number,
  trace?: (line: string) => void,
): Interleaving {
  const random = createRandom(seed);
  const agenda = createAgenda(createRandom(seed ^ 0x5bd1e995), startMs);
  let digest = 0;
  let steps = 0;
  let crash: string | undefined;

  function note(kind: string, detail: string): void {
    const line = `${agenda.nowMs() - startMs} ${kind}: ${detail}`;
    for (let index = 0; index < line.length; index += 1) digest = (Math.imul(digest, 31) + line.charCodeAt(index)) | 0;
    trace?.(line);
  }

  const scene = createScene({ sandbox, agenda, random, sealed: random.pick(plans), seed, startMs, note });
  const { checker, calmAtMs } = scene;
  const limitMs = calmAtMs + patienceMs + endsWithinMs;
  try {
    agenda.after(calmAtMs - startMs + patienceMs, () => {
      if (scene.isOpen()) scene.endIt();
    });
    scene.begin();
    while (agenda.step()) {
      steps += 1;
      if (scene.isOpen() && (steps > mostSteps || agenda.nowMs() > limitMs)) {
        crash = `it does not end: ${scene.phase()}`;
        break;
      }
      if (!scene.isOpen() && (steps > 2 * mostSteps || agenda.nowMs() > limitMs + afterwardsMs)) break;
    }
  } catch (error) {
    crash = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (crash === undefined) scene.atRest();
  return {
    seed,
    broken: [...checker.broken, ...(crash === undefined ? [] : [crash])],
    ending: checker.ending(),
    digest,
    steps,
  };
}
