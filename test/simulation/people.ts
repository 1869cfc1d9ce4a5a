import type { Plan } from '../../src/core/plan/plan';
import type { ReleaseState } from '../../src/core/release/state';
import type { Agenda } from './agenda';
import type { Random } from './random';

/** How people and strangers send something to a release. */
export type Post = {
  signal(name: string, payload: unknown): void;
  update(name: string, payload: unknown): void;
  cancel(): void;
};

const everybody = ['ada', 'bob', 'cid', 'dee', 'eve'];
const rubbish: readonly unknown[] = [
  null,
  7,
  '',
  {},
  { id: 'x' },
  { id: 'x', by: 'mallory', why: 'y'.repeat(3_000) },
  { id: { a: 1 }, by: ['b'], why: 'c' },
  { id: 'x', by: 'mallory', why: 'because', gate: { toString: 1 } },
  { id: 'x', by: 'mallory', why: 'because', gate: '__proto__' },
  { kind: 'class', watchId: 'w', stageId: 'expose-5', class: 'advance', verdicts: [] },
  { kind: 'split-lost', watchId: 'w' },
];
const names = ['approve', 'reject', 'pause', 'resume', 'retry', 'continue', 'waive', 'watched'];

/** People with their own will: they answer what they see after any time, twice, too late, or to the wrong thing. */
export function createPeople(agenda: Agenda, random: Random, plan: Plan, post: Post) {
  const answered = new Set<string>();
  const isHasty = random.chance(0.3);
  const aborts = random.chance(0.4);
  const pauses = random.chance(0.3);
  const isMute = random.chance(0.15);
  let ids = 0;

  function say(name: string, by: string, more: object = {}): void {
    ids += 1;
    const mode = name === 'abort' && random.chance(0.3) ? { mode: random.pick(['drain', 'emergency', 'gently']) } : {};
    const message = { id: `m${ids}`, by, why: 'a reason', ...mode, ...more };
    const isUpdate = name !== 'abort' && random.chance(0.5);
    if (isUpdate) post.update(name, message);
    else post.signal(name, message);
    // A stranger in the same moment, so that what is refused comes in one task with what is taken.
    if (random.chance(0.2)) post.update(random.pick(names), random.pick(rubbish));
    // The same message once more, perhaps by the other door and perhaps much later.
    if (random.chance(0.15))
      agenda.after(random.spread(1, 3_600_000) - 1, () =>
        random.chance(0.5) && name !== 'abort' ? post.update(name, message) : post.signal(name, message),
      );
  }

  const soon = (): number => (isHasty ? random.whole(0, 30) : random.spread(1, 7_200_000));
  /** Right before, at, or right after a deadline. */
  const around = (deadlineMs: number): number => Math.max(0, deadlineMs - agenda.nowMs() + random.whole(-1, 1));

  function once(key: string, act: () => void): void {
    if (answered.has(key)) return;
    answered.add(key);
    act();
  }

  function answerGate(gate: string, deadlineMs: number): void {
    if (isMute) return;
    for (const by of everybody)
      if (random.chance(0.7))
        agenda.after(random.chance(0.2) ? around(deadlineMs) : soon(), () =>
          say(random.chance(0.05) ? 'reject' : 'approve', by, { gate: random.chance(0.95) ? gate : 'other' }),
        );
    if (aborts && random.chance(0.3))
      agenda.after(random.chance(0.5) ? around(deadlineMs) : soon(), () => say('abort', 'dee'));
  }

  function stageBegins(kind: string): void {
    const longMs = kind === 'expose' ? 2_400_000 : 60;
    if (aborts && random.chance(kind === 'promote' ? 0.6 : 0.12))
      agenda.after(kind === 'expose' ? random.spread(1, longMs) : random.whole(0, longMs), () =>
        random.chance(0.1) ? post.cancel() : say('abort', 'dee'),
      );
    if (pauses && random.chance(0.3))
      agenda.after(kind === 'expose' ? random.spread(1, longMs) : random.whole(0, longMs), () => say('pause', 'bob'));
  }

  function decideStuck(effect: string): void {
    if (random.chance(0.6)) return;
    const action = random.pick(['retry', 'continue', 'waive', 'retry']);
    agenda.after(random.spread(1, 600_000), () => say(action, 'ada', random.chance(0.7) ? { effect } : {}));
  }

  return {
    /** At the start: what comes whatever happens. */
    begin(): void {
      if (aborts && random.chance(0.4))
        agenda.after(random.spread(1, 14_400_000) - 1, () =>
          random.chance(0.2) ? post.cancel() : say('abort', 'dee'),
        );
      for (let count = random.chance(0.3) ? random.whole(1, 4) : 0; count > 0; count -= 1)
        agenda.after(random.spread(1, 7_200_000) - 1, () => {
          const name = random.pick(names);
          if (random.chance(0.5)) post.update(name, random.pick(rubbish));
          else post.signal(name, random.pick(rubbish));
        });
    },
    /** They look at the release whenever it has moved. */
    look(state: ReleaseState): void {
      const stage = plan.stages.find(({ id }) => id === state.stage);
      if (stage !== undefined && state.failure === undefined) once(`stage ${stage.id}`, () => stageBegins(stage.kind));
      for (const [gate, { deadlineMs }] of Object.entries(state.gates))
        once(`gate ${gate}`, () => answerGate(gate, deadlineMs));
      const { paused, failure } = state;
      if (paused !== undefined)
        once(`paused ${paused.sinceMs}`, () => {
          if (random.chance(0.15)) return;
          agenda.after(random.chance(0.2) ? around(paused.deadlineMs) : soon(), () => say('resume', 'cid'));
        });
      if (failure !== undefined)
        once('failure', () => {
          if (random.chance(0.3)) agenda.after(random.whole(0, 200), () => say('abort', 'bob'));
          if (random.chance(0.1)) agenda.after(random.whole(0, 200), () => post.cancel());
          if (random.chance(0.1)) agenda.after(random.whole(0, 200), () => say('pause', 'bob'));
        });
      for (const [effect, { status, startedAtMs }] of Object.entries(state.compensations))
        if (status === 'stuck') once(`stuck ${effect} ${startedAtMs ?? 0}`, () => decideStuck(effect));
    },
    /** Whoever has waited for ever ends it. */
    endIt: () => say('abort', 'last'),
  };
}
