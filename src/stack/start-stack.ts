import { rm } from 'node:fs/promises';
import { pickFreePort } from './free-port';
import { createHaproxy, type Haproxy } from './haproxy';
import type { Slots } from './haproxy-config';
import { createPostgres, type Postgres, type PostgresOptions } from './postgres';
import { createComponent, type Component, type ProcessSpec } from './process';
import { createPrometheus, type Prometheus, type ScrapeTarget } from './prometheus';
import { createRunDirectory } from './run-directory';
import { StackError } from './stack-error';
import { createTemporal, type Temporal, type TemporalOptions } from './temporal';
import { createWatchdog, type Watchdog } from './watchdog';

type StackPart = 'temporal' | 'postgres' | 'haproxy' | 'prometheus';

export interface StackOptions {
  /** What to start. Default: everything. */
  readonly parts?: readonly StackPart[];
  /** The name of the backend and of the label `service`. Default `shop`. */
  readonly service?: string;
  /** Where the two versions of the service listen. Default: two free ports. */
  readonly slots?: Slots;
  /** How many proxies stand in front of the service. Default 1. */
  readonly haproxyCount?: number;
  readonly temporal?: TemporalOptions;
  readonly postgres?: PostgresOptions;
  /** What Prometheus scrapes beside the proxies. Default: both slots. */
  readonly scrapeTargets?: readonly ScrapeTarget[];
  /** Leave the run directory, with its logs and database files, behind. Default false. */
  readonly keepsRunDirectory?: boolean;
}

/** The running stack. A part that was not asked for throws a {@link StackError} when read. */
export interface Stack {
  readonly temporal: Temporal;
  readonly postgres: Postgres;
  readonly haproxy: readonly Haproxy[];
  readonly prometheus: Prometheus;
  readonly service: string;
  readonly slots: Slots;
  /** Logs, sockets and database files of everything. */
  readonly runDirectory: string;
  /** Starts one more process of ours, guarded and stopped with the stack, the newest first. */
  add(spec: ProcessSpec): Promise<Component>;
  /** Stops all parts and removes the run directory; may be called more than once. */
  stop(): Promise<void>;
}

const allParts: readonly StackPart[] = ['temporal', 'postgres', 'haproxy', 'prometheus'];

interface Parts {
  readonly temporal: Temporal | undefined;
  readonly postgres: Postgres | undefined;
  readonly haproxy: readonly Haproxy[];
  readonly prometheus: Prometheus | undefined;
  readonly service: string;
  readonly slots: Slots;
}

async function createParts(
  runDirectory: string,
  context: { watchdog: Watchdog; options: StackOptions },
): Promise<Parts> {
  const { watchdog, options } = context;
  const wanted = new Set(options.parts ?? allParts);
  const service = options.service ?? 'shop';
  const slots = options.slots ?? {
    blue: `127.0.0.1:${await pickFreePort()}`,
    green: `127.0.0.1:${await pickFreePort()}`,
  };
  const haproxy: Haproxy[] = [];
  for (let index = 0; wanted.has('haproxy') && index < (options.haproxyCount ?? 1); index += 1) {
    haproxy.push(await createHaproxy(runDirectory, { watchdog, index, service, slots }));
  }
  const prometheusInput = {
    watchdog,
    haproxyTargets: haproxy.map(({ statsUrl }) => new URL(statsUrl).host),
    targets: options.scrapeTargets ?? [
      { address: slots.blue, service, slot: 'blue' },
      { address: slots.green, service, slot: 'green' },
    ],
  };
  return {
    temporal: wanted.has('temporal')
      ? await createTemporal(runDirectory, { watchdog, options: options.temporal ?? {} })
      : undefined,
    postgres: wanted.has('postgres')
      ? await createPostgres(runDirectory, { watchdog, options: options.postgres ?? {} })
      : undefined,
    haproxy,
    prometheus: wanted.has('prometheus') ? await createPrometheus(runDirectory, prometheusInput) : undefined,
    service,
    slots,
  };
}

function listComponents({ temporal, postgres, haproxy, prometheus }: Parts): Component[] {
  return [temporal, postgres, ...haproxy, prometheus].filter((component) => component !== undefined);
}

function present<Part>(part: Part | undefined, name: StackPart): Part {
  if (part !== undefined) return part;
  throw new StackError(`This stack was started without ${name}: add it to \`parts\`.`);
}

/** Waits for all, then throws the first failure, so that nothing is left half-done behind an error. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  const faults: unknown[] = [];
  await Promise.all(work.map((each) => each.catch((error: unknown) => faults.push(error))));
  if (faults.length > 0) throw faults[0];
}

/**
 * Starts the embedded stack on free ports of 127.0.0.1, with all files in a directory of its own.
 * When one part fails the others are stopped and a {@link StackError} with the end of its log is thrown.
 * If this process dies without `stop`, everything is taken down behind it.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const runDirectory = createRunDirectory();
  const isKept = options.keepsRunDirectory ?? false;
  const watchdog = createWatchdog(runDirectory, isKept);
  let components: Component[] = [];
  const added: Component[] = [];
  let stopped: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    try {
      // What was added stands on the parts below it, so it goes first.
      for (const component of [...added].reverse()) await component.stop();
      await settleAll(components.map((component) => component.stop()));
    } finally {
      await watchdog.close();
      if (!isKept) await rm(runDirectory, { recursive: true, force: true });
    }
  };
  const stop = (): Promise<void> => (stopped ??= stopAll());

  try {
    const parts = await createParts(runDirectory, { watchdog, options });
    components = listComponents(parts);
    await settleAll(components.map((component) => component.start()));
    return {
      get temporal() {
        return present(parts.temporal, 'temporal');
      },
      get postgres() {
        return present(parts.postgres, 'postgres');
      },
      get prometheus() {
        return present(parts.prometheus, 'prometheus');
      },
      haproxy: parts.haproxy,
      service: parts.service,
      slots: parts.slots,
      runDirectory,
      async add(spec) {
        const component = createComponent(spec, watchdog);
        added.push(component);
        await component.start();
        return component;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
