import type { ContractState } from '../../src/core/release/contract-state';
import type { Agenda } from './agenda';
import { createContractChecker, type ContractSubject } from './checker/contract';
import { createContractPeople } from './contract-people';
import type { HooksOfWorkflow } from './noted-hooks';
import type { Post } from './people';
import type { Random } from './random';
import type { RunView } from './server/setting';

const stateOf = (run: RunView): ContractState => run.query('state') as ContractState;

/** The contract of a release: who judges it and who decides about it. */
export function createContractSide(
  agenda: Agenda,
  random: Random,
  subject: ContractSubject,
  post: Pick<Post, 'signal' | 'update'>,
) {
  const checker = createContractChecker(subject);
  const people = createContractPeople(agenda, random, post);
  let isStarted = false;
  const hooks: HooksOfWorkflow = {
    afterTask(run) {
      isStarted = true;
      const state = stateOf(run);
      checker.afterTask(state);
      people.look(state);
    },
    onScheduled: (task) => checker.onScheduled(task),
    onDelivered: (task, outcome) => checker.onDelivered(task, outcome),
    onHeard: (_run, name, payload) => checker.onHeard(name, payload),
    onMessage: () => undefined,
    onClosed: (run, closing) => checker.onClosed(closing, stateOf(run)),
  };
  return { hooks, atRest: () => checker.atRest(isStarted) };
}
