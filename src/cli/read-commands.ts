import type { ConnectOptions } from '../client';
import { withConnection, withEnvironment, withJson, withWait } from './command-options';
import type { DoctorOptions } from './doctor';
import type { InitOptions } from './init';
import type { LintOptions } from './lint';
import type { LsOptions } from './ls';
import type { PlanOptions } from './plan';
import type { Program } from './program';
import type { ReleaseOptions } from './read-options';
import { withClient } from './run';
import type { WatchOptions } from './watch';

type Connected<T> = Omit<T, 'release' | 'packed'> & ConnectOptions;

function addFileCommands({ command, groups, run }: Program): void {
  withJson(command.command('init [dir]'))
    .helpGroup(groups.files)
    .description('write a commented descriptor, environment and policy')
    .option('--service <name>', 'the service; the folder’s name when left out')
    .action((folder: string | undefined, options: InitOptions) =>
      run(async (io) => (await import('./init')).init(io, { ...options, folder })),
    );
  withJson(command.command('lint <files...>'))
    .helpGroup(groups.files)
    .description('say everything that is wrong with a descriptor, environment or policy')
    .action((files: string[], options: Omit<LintOptions, 'files'>) =>
      run(async (io) => (await import('./lint')).lint(io, { ...options, files })),
    );
  withConnection(withJson(command.command('plan <file>')))
    .helpGroup(groups.files)
    .description('show what the environment’s worker would run for a descriptor')
    .option('--offline', 'compile here, under --environment-file and --policy-file')
    .option('--environment-file <file>', 'environment file for --offline, and for a forecast from its Prometheus')
    .option('--policy-file <file>', 'policy file for --offline')
    .option('--traffic <duration>', 'how far back the forecast reads the traffic', '3h')
    .option('--trial', 'try every undo on a copy of the schema, as preflight does before a release')
    .option('--as <who>', 'who asks')
    .action((file: string, options: Connected<PlanOptions>) =>
      run(async (io) => {
        const { withDescriptor } = await import('./read-descriptor');
        const { plan, planOffline } = await import('./plan');
        return withDescriptor({ file, json: options.json }, (_io, packed) =>
          options.offline === true
            ? planOffline(io, { ...options, packed })
            : withClient(options, (each, client) => plan(each, client, { ...options, packed }))(io),
        )(io);
      }),
    );
}

function addLookCommands({ command, groups, run }: Program): void {
  withConnection(withWait(withEnvironment(withJson(command.command('watch <release>')))))
    .helpGroup(groups.releases)
    .description('show a release until it ends; exits with its ending')
    .option('--contract', 'the newest contract of the service instead of its release')
    .action((release: string, options: Connected<WatchOptions>) =>
      run(
        withClient(options, async (io, client) => (await import('./watch')).watch(io, client, { ...options, release })),
      ),
    );
  withConnection(withEnvironment(withJson(command.command('status <release>'))))
    .helpGroup(groups.releases)
    .description('show a release once; exits with the code of its state')
    .option('--contract', 'the newest contract of the service instead of its release')
    .action((release: string, options: Connected<ReleaseOptions>) =>
      run(
        withClient(options, async (io, client) =>
          (await import('./status')).status(io, client, { ...options, release }),
        ),
      ),
    );
  withConnection(withEnvironment(withJson(command.command('explain <release>'))))
    .helpGroup(groups.releases)
    .description('say why: number, limit and query, what was undone, the proof')
    .option('--contract', 'the newest contract of the service instead of its release')
    .action((release: string, options: Connected<ReleaseOptions>) =>
      run(
        withClient(options, async (io, client) =>
          (await import('./explain')).explain(io, client, { ...options, release }),
        ),
      ),
    );
  withConnection(withJson(command.command('ls')))
    .helpGroup(groups.releases)
    .description('list releases')
    .option('-e, --environment <name>', 'only of this environment')
    .option('--service <name>', 'only of this service')
    .option('--all', 'ended ones too')
    .option('--limit <number>', 'at most so many', '50')
    .action((options: LsOptions & ConnectOptions) =>
      run(withClient(options, async (io, client) => (await import('./ls')).ls(io, client, options))),
    );
}

/** Commands that change nothing. */
export function addReadCommands(program: Program): void {
  addFileCommands(program);
  addLookCommands(program);
  const { command, groups, run } = program;
  withConnection(withJson(command.command('doctor')))
    .helpGroup(groups.stack)
    .description('check Temporal, workers and, by --environment-file, every target')
    .option('-e, --environment <name>', 'environment whose workers to look for')
    .option('--environment-file <file>', 'environment whose targets to try, with its secrets')
    .option('--policy-file <file>', 'policy to check too')
    .action((options: DoctorOptions & ConnectOptions) =>
      run(async (io) => (await import('./doctor')).doctor(io, options)),
    );
}
