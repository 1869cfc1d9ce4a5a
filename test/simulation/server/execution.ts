import { patchesOf, textOf } from './command-text';
import type { Sandbox } from './workflow-code';
import {
  createInstance,
  job,
  type Command,
  type Fields,
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

/** Ids of the updates that the workflow refused. */
const refusedBy = (commands: readonly Command[]): ReadonlySet<unknown> =>
  new Set(
    commands.flatMap(({ updateResponse }) =>
      (updateResponse?.['rejected'] ?? undefined) === undefined ? [] : [updateResponse?.['protocolInstanceId']],
    ),
  );

/** What the history has of an activation: an update that was refused leaves no trace, and one that was taken is not asked again. */
export function recorded(
  { moment, jobs }: Pick<Activation, 'moment' | 'jobs'>,
  commands: readonly Command[],
): Activation {
  const refused = refusedBy(commands);
  const kept = commands.filter(({ updateResponse }) => !refused.has(updateResponse?.['protocolInstanceId'] ?? ''));
  const known = jobs.flatMap((item): readonly Job[] => {
    const update = item['doUpdate'] as Fields | undefined;
    if (update === undefined) return [item];
    return refused.has(update['protocolInstanceId']) ? [] : [job('doUpdate', { ...update, runValidator: false })];
  });
  return { moment, jobs: known, commands: textOf(kept), patches: patchesOf(commands) };
}

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
