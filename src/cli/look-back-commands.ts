import { withJson } from './command-options';
import type { JudgeOptions } from './judge';
import { withLimits } from './limit-options';
import type { Program } from './program';
import type { ReplayOptions } from './replay';

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
    .option('--limit <metric=limit...>', 'of a release: another limit of a metric, as in the descriptor')
    .action((what: string | undefined, options: Omit<ReplayOptions, 'what'>) =>
      run(async (io) => (await import('./replay')).replay(io, { ...options, what })),
    );
}

/** Commands that judge what is over and change nothing. */
export function addLookBackCommands(program: Program): void {
  addJudge(program);
  addReplay(program);
}
