import type { Command } from 'commander';

/** How to reach Temporal; flags win over variables, variables over the profile. */
export const withConnection = (command: Command): Command =>
  command
    .option('--address <host:port>', 'Temporal server')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--profile <name>', 'profile of Temporal’s own configuration file')
    .option('--config-file <file>', 'another configuration file than Temporal’s own')
    .option('--api-key <key>', 'API key; better in TEMPORAL_API_KEY')
    .option('--tls', 'use TLS')
    .option('--no-tls', 'use no TLS')
    .option('--tls-cert <file>', 'client certificate')
    .option('--tls-key <file>', 'its key')
    .option('--tls-ca <file>', 'certificate authority of the server')
    .option('--tls-server-name <name>', 'name to expect in the server’s certificate')
    .option('--ui-url <url>', 'Temporal UI, for links');

export const withJson = (command: Command): Command => command.option('--json', 'print one JSON object');

export const withEnvironment = (command: Command): Command =>
  command.option('-e, --environment <name>', 'environment of the release; the only one with a release when left out');

export const withWait = (command: Command): Command =>
  command
    .option('--until <what>', 'approval: stop with 5 when a gate waits; done: wait for the end')
    .option('--timeout <duration>', 'stop with 6 after this time, such as 10m; the release goes on')
    .option('--jsonl', 'print a JSON object for every change');

export const withPerson = (command: Command): Command =>
  command
    .option('--why <reason>', 'why, kept with the release; asked for on a terminal')
    .option('--as <who>', 'who acts; SPILLWAY_USER, git’s address or the login name when left out');
