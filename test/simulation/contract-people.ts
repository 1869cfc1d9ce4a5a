import type { ContractState } from '../../src/core/release/contract-state';
import type { Agenda } from './agenda';
import type { Post } from './people';
import type { Random } from './random';

const hour = 3_600_000;
const days = 24 * hour;
const everybody = ['ada', 'bob', 'cid', 'eve'];

/** People at the gate of a contract: some approve, some decline, some come too late or to the wrong gate. */
export function createContractPeople(agenda: Agenda, random: Random, post: Pick<Post, 'signal' | 'update'>) {
  const isMute = random.chance(0.15);
  const declines = random.chance(0.25);
  const answered = new Set<string>();
  let ids = 0;

  function say(name: string, by: string, more: object): void {
    ids += 1;
    const message = { id: `c${ids}`, by, why: 'a reason', ...more };
    const send = random.chance(0.5) ? post.update : post.signal;
    send(name, message);
    if (random.chance(0.2)) agenda.after(random.spread(1, hour), () => post.signal(name, message));
  }

  function decide(gate: string, deadlineMs: number): void {
    const soonMs = (): number =>
      random.chance(0.1) ? Math.max(0, deadlineMs - agenda.nowMs() + random.whole(-1, 1)) : random.spread(1, 2 * days);
    for (const by of everybody)
      if (random.chance(0.6))
        agenda.after(soonMs(), () =>
          say(declines && random.chance(0.5) ? 'reject' : 'approve', by, { gate: random.chance(0.9) ? gate : 'go' }),
        );
  }

  return {
    look({ gate, deadlineMs, parts }: ContractState): void {
      if (isMute) return;
      if (!answered.has(gate.name)) decide(gate.name, deadlineMs);
      answered.add(gate.name);
      for (const { effect, status } of parts)
        if (status === 'stuck' && !answered.has(effect)) {
          answered.add(effect);
          if (random.chance(0.5))
            agenda.after(random.spread(1, hour), () =>
              say(random.pick(['retry', 'waive', 'reject']), 'ada', { effect, gate: gate.name }),
            );
        }
    },
  };
}
