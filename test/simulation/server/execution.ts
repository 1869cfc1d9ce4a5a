import { textOf } from './command-text';
import type { Sandbox } from './workflow-code';
import {
  createInstance,
  job,
  type Command,
  type Instance,
  type InstanceInfo,
  type Job,
  type Moment,
} from './workflow-instance';

export type Activation = {
  readonly moment: Moment;
  readonly jobs: readonly Job[];
  readonly commands: string;
  /** Marks of patches that it set: a replay is told of them first. */
  readonly patches: readonly string[];
};

/** The workflow's code over its history: a worker holds it in its cache, or another one goes through all of it again. */
export function createExecution(sandbox: Sandbox, info: InstanceInfo) {
  let instance: Instance | undefined;
  let flags: readonly number[] = [];
  const history: Activation[] = [];

  function replay(): Instance {
    const again = createInstance(sandbox, info, flags);
    for (const { moment, jobs, commands, patches } of history) {
      const marked = patches.map((patchId) => job('notifyHasPatch', { patchId }));
      const repeated = again.activate({ ...moment, isReplaying: true }, [...marked, ...jobs]);
      const text = textOf(repeated);
      if (text !== commands)
        throw new Error(`the replay differs: it says ${text.slice(0, 300)} instead of ${commands.slice(0, 300)}`);
    }
    instance = again;
    return again;
  }

  return {
    load: (): Instance => instance ?? replay(),
    activate(moment: Moment, jobs: readonly Job[]): readonly Command[] {
      const live = instance ?? replay();
      const commands = live.activate(moment, jobs);
      flags = live.flags();
      return commands;
    },
    /** From here on it has happened. */
    remember: (activations: readonly Activation[]): void => void history.push(...activations),
    evict(): void {
      instance = undefined;
    },
  };
}

export type Execution = ReturnType<typeof createExecution>;
