import type { BacktestOptions } from './backtest';
import { withJson } from './command-options';
import type { JudgeOptions } from './judge';
import { withLimits } from './limit-options';
import type { Program } from './program';
import type { ReplayOptions } from './replay';

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

function addJudge({ command, groups, run }: Program): void {
  withJson(command.command('judge'))
    .helpGroup(groups.lookBack)
    .description('judge points that are there already with the classic canary judge; asks nobody')
    .requiredOption('--config <file>', 'JSON: which metrics, and how each is judged')
    .requiredOption('--pairs <file>', 'JSON: points of each metric, of baseline and canary')
    .action((options: JudgeOptions) => run(async (io) => (await import('./judge')).judge(io, options)));
}

function addReplay({ command, groups, run }: Program): void {
  withLimits(withJson(command.command('replay [what]')))
    .helpGroup(groups.lookBack)
    .description('judge recorded samples again: a FILE of JSON lines (- for standard input) or a RELEASE')
    .option('--decisions [file]', 'write each decision as a JSON line, to the file or to standard output')
    .option('--environment-file <file>', 'environment whose store holds the release; environment.yaml when left out')
    .option(
      '--limit <metric=limit>',
      'of a release: another limit of a metric, as in a descriptor; repeatable',
      collect,
    )
    .action((what: string | undefined, options: Omit<ReplayOptions, 'what'>) =>
      run(async (io) => (await import('./replay')).replay(io, { ...options, what })),
    );
}

function addBacktest({ command, groups, run }: Program): void {
  withJson(command.command('backtest <file>'))
    .helpGroup(groups.lookBack)
    .description('how often a descriptor would have cried wolf: Prometheus’ past, stable against stable')
    .requiredOption('--from <time>', 'begin: 2026-11-22T08:00:00Z, or how long ago, such as 7d')
    .option('--to <time>', 'end', 'now')
    .option('--every <duration>', 'from one played release to the next; its own length when left out')
    .option('--by <label>', 'label that tells instances apart', 'instance')
    .option('--seed <number>', 'for dealing the requests of a single instance', '1')
    .option('--prometheus <url>', 'another address than the environment’s')
    .option('--environment-file <file>', 'environment; environment.yaml beside the descriptor when left out')
    .option('--policy-file <file>', 'policy; policy.yaml beside the descriptor when left out')
    .action((file: string, options: Omit<BacktestOptions, 'file' | 'packed'>) =>
      run(async (io) => {
        const { withDescriptor } = await import('./read-descriptor');
        const { backtest } = await import('./backtest');
        return withDescriptor({ file, json: options.json }, (_io, packed) =>
          backtest(io, { ...options, file, packed }),
        )(io);
      }),
    );
}

/** Commands that judge what is over and change nothing. */
export function addLookBackCommands(program: Program): void {
  addJudge(program);
  addReplay(program);
  addBacktest(program);
}
