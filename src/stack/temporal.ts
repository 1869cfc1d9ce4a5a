import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { pickFreePort } from './free-port';
import { isListening } from './is-listening';
import { createComponent, type Component } from './process';
import { findTool } from './tools';
import type { Watchdog } from './watchdog';

export interface TemporalOptions {
  /** Without the Web UI. Default false. */
  readonly headless?: boolean;
  /** `file` survives a kill and a restart. Default `memory`. */
  readonly storage?: 'memory' | 'file';
  /** More of the server's own settings, `key=JSON value` each. Default none. */
  readonly dynamicConfig?: readonly string[];
}

export interface Temporal extends Component {
  readonly address: string;
  readonly namespace: string;
  /** Where the Web UI answers; undefined when headless. */
  readonly uiUrl: string | undefined;
}

// The dev server reads its single shard 20 times a second and rounds timers up to a second; these settings make
// a dispatch take two milliseconds instead of 45, and short timers and retries take what they say.
const dynamicConfig = [
  'history.transferProcessorMaxPollRPS=500',
  'history.timerProcessorMaxPollRPS=500',
  'history.visibilityProcessorMaxPollRPS=500',
  'history.timerProcessorMaxTimeShift="5ms"',
  'history.continueAsNewMinInterval="1ms"',
  'history.workflowIdReuseMinimalInterval="0s"',
  'system.enableActivityEagerExecution=true',
  'matching.useNewMatcher=true',
];
const searchAttributes = ['Service', 'Environment', 'Phase', 'Stage', 'Verdict'].map(
  (name) => `Spillway${name}=Keyword`,
);
const namespace = 'default';

async function isServing(port: number, address: string): Promise<boolean> {
  if (!(await isListening(port))) return false;
  try {
    const connection = await Connection.connect({ address, connectTimeout: 2_000 });
    try {
      await connection.withDeadline(Date.now() + 2_000, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    // Any refusal means "not yet": the caller asks again until its deadline and then shows the log.
    return false;
  }
}

/** A Temporal dev server with Spillway's search attributes, not started yet. */
export async function createTemporal(
  runDirectory: string,
  { watchdog, options }: { readonly watchdog: Watchdog; readonly options: TemporalOptions },
): Promise<Temporal> {
  const port = await pickFreePort();
  const uiPort = options.headless === true ? undefined : await pickFreePort();
  const ui = uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-ip', '127.0.0.1'];
  const database = options.storage === 'file' ? ['--db-filename', join(runDirectory, 'temporal.sqlite')] : [];
  const address = `127.0.0.1:${port}`;
  const component = createComponent(
    {
      title: 'Temporal',
      command: findTool('temporal'),
      args: [
        ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
        ...['--log-level', 'warn'],
        ...ui,
        ...database,
        ...searchAttributes.flatMap((attribute) => ['--search-attribute', attribute]),
        ...[...dynamicConfig, ...(options.dynamicConfig ?? [])].flatMap((setting) => [
          '--dynamic-config-value',
          setting,
        ]),
      ],
      logPath: join(runDirectory, 'temporal.log'),
      stopSignal: 'SIGTERM',
      readyTimeoutMs: 30_000,
      isReady: () => isServing(port, address),
    },
    watchdog,
  );
  return { ...component, address, namespace, uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}` };
}
