import type { ConnectOptions } from '../client';
import type { AbortOptions } from './abort';
import type { GateOptions } from './approve';
import type { CloseOptions } from './close';
import { withConnection, withEnvironment, withJson, withPerson, withWait } from './command-options';
import type { DataChoiceOptions } from './data-choice';
import type { DecideOptions } from './decide';
import type { Program } from './program';
import type { RecoverOptions } from './recover';
import type { RetryOptions } from './retry';
import { withClient } from './run';
import type { StartOptions } from './start';

type Connected<T> = Omit<T, 'release' | 'packed' | 'gate' | 'choice'> & ConnectOptions;

function addStart({ command, groups, run }: Program): void {
  withConnection(withWait(withJson(command.command('start <file>'))))
    .helpGroup(groups.releases)
    .description('lint, pack and start a release')
    .option('--watch', 'show it until it ends; exits with its ending')
    .option('--expect-plan <digest>', 'refuse unless the worker compiles exactly this plan')
    .option('--as <who>', 'who starts it')
    .action((file: string, options: Connected<StartOptions>) =>
      run(async (io) => {
        const { withDescriptor } = await import('./read-descriptor');
        return withDescriptor({ file, json: options.json }, (_io, packed) =>
          withClient(options, async (each, client) =>
            (await import('./start')).start(each, client, { ...options, packed }),
          )(io),
        )(io);
      }),
    );
}

const decision = ({ command, groups }: Program, words: string, description: string) =>
  withConnection(
    withPerson(withEnvironment(withJson(command.command(words).helpGroup(groups.decisions).description(description)))),
  );

function addGateCommands(program: Program): void {
  const { run } = program;
  const load = {
    approve: async () => (await import('./approve')).approve,
    reject: async () => (await import('./reject')).reject,
  };
  for (const [name, description] of [
    ['approve', 'approve the open gate of a release or its contract'],
    ['reject', 'reject it: the release rolls back, a contract is not run'],
  ] as const)
    decision(program, `${name} <release> [gate]`, description).action(
      (release: string, gate: string | undefined, options: Connected<GateOptions>) =>
        run(withClient(options, async (io, client) => (await load[name]())(io, client, { ...options, release, gate }))),
    );
}

function addPlainDecisions(program: Program): void {
  const { run } = program;
  const load = {
    pause: async () => (await import('./pause')).pause,
    resume: async () => (await import('./resume')).resume,
  };
  for (const [name, description] of [
    ['pause', 'freeze weight and clocks; guarding goes on'],
    ['resume', 'go on after a pause'],
  ] as const)
    decision(program, `${name} <release>`, description).action((release: string, options: Connected<DecideOptions>) =>
      run(withClient(options, async (io, client) => (await load[name]())(io, client, { ...options, release }))),
    );
}

function addAbort(program: Program): void {
  decision(program, 'abort <release>', 'undo everything; as the plan says, at once unless it says drain')
    .option('--drain', 'lead users back step by step and let sessions end')
    .option('--now', 'nobody on the canary at once, whatever the plan says; ends a drain')
    .option('--preview', 'only say which rows the undo would lose; changes nothing')
    .action((release: string, options: Connected<AbortOptions>) =>
      program.run(
        withClient(options, async (io, client) => (await import('./abort')).abort(io, client, { ...options, release })),
      ),
    );
}

function addStuckCommands(program: Program): void {
  const { run } = program;
  const load = {
    retry: async () => (await import('./retry')).retry,
    continue: async () => (await import('./continue')).continueRelease,
    waive: async () => (await import('./waive')).waive,
  };
  for (const [name, description] of [
    ['retry', 'try again what is stuck in a rollback or contract'],
    ['continue', 'go on after what is stuck was mended by hand'],
    ['waive', 'give up on what is stuck, in your name'],
  ] as const)
    decision(program, `${name} <release>`, description)
      .option('--effect <key>', 'only this one; all that is stuck when left out')
      .action((release: string, options: Connected<RetryOptions>) =>
        run(withClient(options, async (io, client) => (await load[name]())(io, client, { ...options, release }))),
      );
}

function addDataChoice(program: Program): void {
  decision(
    program,
    'data-choice <release> <choice>',
    'say what becomes of rows that an undo would lose: keep, lose, retry',
  )
    .option('--effect <key>', 'only this undo; all that wait for a choice when left out')
    .action((release: string, choice: string, options: Connected<DataChoiceOptions>) =>
      program.run(
        withClient(options, async (io, client) =>
          (await import('./data-choice')).chooseData(io, client, { ...options, release, choice }),
        ),
      ),
    );
}

/** Break-glass: it needs neither Temporal nor a worker, so it takes no connection. */
function addClose({ command, groups, run }: Program): void {
  withJson(command.command('close <target>'))
    .helpGroup(groups.stack)
    .description('bring all users to the baseline by hand, with everything else down')
    .requiredOption('--file <file>', 'sentinel file')
    .option('--baseline <slot>', 'blue or green; what the sentinel knows when left out')
    .option('--yes', 'do not ask')
    .action((target: string, options: Omit<CloseOptions, 'target'>) =>
      run(async (io) => (await import('./close')).close(io, { ...options, target })),
    );
}

function addRecover(program: Program): void {
  const { run } = program;
  const words = 'roll back a release whose workflow was terminated or lost, to its own snapshot';
  withWait(decision(program, 'recover <release>', words))
    .option('--run <id>', 'first run id of the release; the one that is open when left out')
    .option('--watch', 'show it until it ends; exits with its ending')
    .action((release: string, options: Connected<RecoverOptions>) =>
      run(
        withClient(options, async (io, client) =>
          (await import('./recover')).recover(io, client, { ...options, release }),
        ),
      ),
    );
}

/** Commands that start releases or decide about them. */
export function addActCommands(program: Program): void {
  addStart(program);
  addGateCommands(program);
  addPlainDecisions(program);
  addAbort(program);
  addStuckCommands(program);
  addDataChoice(program);
  addClose(program);
  addRecover(program);
}
