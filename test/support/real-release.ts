import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { ClientError, connectClient, type SpillwayClient } from '../../src/client';
import type { ReleaseReport } from '../../src/core/release/report';
import type { ReleaseState } from '../../src/core/release/state';
import { startEmbedded, type Embedded, type EmbeddedOptions } from '../../src/stack/embedded';
import { startLoad, type Load } from '../../src/stack/load';
import { runSql } from './run-sql';
import { shopBundle, shopDescriptor, type Fields, type Files } from './shop-descriptor';

export type RealRelease = {
  readonly workflowId: string;
  readonly firstRunId: string;
  /** Waits until the state is as wanted; a worker that is away is waited for. */
  reach(what: string, isSo: (state: ReleaseState) => boolean, deadlineMs?: number): Promise<ReleaseState>;
  /** Waits until the one sentence matches. */
  says(sentence: RegExp, deadlineMs?: number): Promise<string>;
  approve(gate: string): Promise<void>;
  report(timeoutMs?: number): Promise<ReleaseReport>;
};

export type RealRig = {
  readonly embedded: Embedded;
  readonly client: SpillwayClient;
  /** Steady use of the shop, through the first proxy. */
  readonly load: Load;
  start(version: string, change?: Fields, files?: Files): Promise<RealRelease>;
  sql(database: 'shop' | 'store', text: string): Promise<readonly { readonly [column: string]: unknown }[]>;
  close(): Promise<void>;
};

export type RealRigOptions = Omit<EmbeddedOptions, 'workers'> & {
  /** Workers started with it. Default 1. */
  readonly workers?: number;
  readonly requestsPerSecond?: number;
  /** Put into the workers' environment. */
  readonly env?: { readonly [name: string]: string };
  /** Changes a target of the environment file before any worker reads it. */
  readonly changeTargets?: { readonly [target: string]: Fields };
};

const pollMs = 40;
const patience = 40_000;
const passing = ['no-worker', 'timed-out', 'unreachable'];

/** Asks until the answer is given; what was last known is part of the failure. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { deadlineMs = patience, last = () => '' }: { deadlineMs?: number; last?: () => string } = {},
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}. ${last()}`);
    await sleep(pollMs);
  }
}

/** Undefined while nobody answers: in a fault test that is a moment, not an error. */
const whenAnswered = <T>(ask: Promise<T>): Promise<T | undefined> =>
  ask.catch((error: unknown) => {
    if (error instanceof ClientError && passing.includes(error.code)) return undefined;
    throw error;
  });

/** What a test that waits in vain needs to know of a release. */
const shownOf = ({ phase, stage, failure, watch, journal, splitLost, paused }: ReleaseState): unknown => ({
  phase,
  stage,
  failure,
  watch,
  splitLost,
  paused,
  journal: journal.slice(-3),
});

function releaseOf(client: SpillwayClient, workflowId: string, firstRunId: string): RealRelease {
  return {
    workflowId,
    firstRunId,
    reach: (what, isSo, deadlineMs = patience) => {
      let seen: ReleaseState | undefined;
      return eventually(
        what,
        async () => {
          seen = (await whenAnswered(client.state(workflowId))) ?? seen;
          return seen !== undefined && isSo(seen) ? seen : undefined;
        },
        {
          deadlineMs,
          last: () => `Last seen: ${seen === undefined ? 'nothing' : JSON.stringify(shownOf(seen))}`,
        },
      );
    },
    says: (sentence, deadlineMs = patience) => {
      let said = '';
      return eventually(
        String(sentence),
        async () => {
          said = (await whenAnswered(client.explain(workflowId)))?.sentence ?? said;
          return sentence.test(said) ? said : undefined;
        },
        { deadlineMs, last: () => `It says: ${said}` },
      );
    },
    approve: async (gate) => {
      const approval = { gate, by: 'ada', why: 'it looks fine', id: randomUUID() };
      await eventually(`approve ${gate}`, () => whenAnswered(client.approve(workflowId, approval)));
    },
    report: (timeoutMs = patience) =>
      client.result(workflowId, { firstRunId, timeoutMs }).catch(async (error: unknown) => {
        // A Temporal that is silent now must not hide why there is no report.
        const seen = await whenAnswered(client.state(workflowId));
        const said = (await whenAnswered(client.explain(workflowId)))?.sentence ?? 'Nobody says why.';
        throw new Error(`${said} ${JSON.stringify(seen ?? null).slice(0, 4_000)}`, { cause: error });
      }),
  };
}

function changeEnvironmentFile(path: string, changes: { readonly [target: string]: Fields }): void {
  const environment = parse(readFileSync(path, 'utf8')) as { targets: { [target: string]: Fields } };
  for (const [target, change] of Object.entries(changes))
    environment.targets[target] = { ...environment.targets[target], ...change };
  writeFileSync(path, stringify(environment));
}

/** Everything real: stack, shop under load, worker processes and the typed client. */
export async function startRealRig(options: RealRigOptions = {}): Promise<RealRig> {
  const { workers = 1, requestsPerSecond = 200, env = {}, changeTargets = {}, ...rest } = options;
  const embedded = await startEmbedded({
    temporal: { headless: true },
    postgres: { fsync: false },
    ...rest,
    workers: 0,
  });
  try {
    Object.assign(embedded.env, env);
    changeEnvironmentFile(embedded.environmentFile, changeTargets);
    for (let index = 0; index < workers; index += 1) await embedded.addWorker();
    const client = await connectClient({ address: embedded.stack.temporal.address, env: {} });
    const url = embedded.stack.haproxy[0]?.trafficUrl ?? '';
    const load = startLoad({ url, requestsPerSecond, connections: 16 });
    return {
      embedded,
      client,
      load,
      start: async (version, change = {}, files = {}) => {
        const bundle = shopBundle(shopDescriptor(version, change), files);
        const input = { bundle, environment: embedded.name, service: 'shop', requestedBy: 'cem' };
        const { workflowId, firstRunId } = await client.start(input);
        return releaseOf(client, workflowId, firstRunId);
      },
      sql: (database, text) => runSql(database === 'shop' ? embedded.shopDsn : embedded.storeDsn, text),
      close: async () => {
        await load.stop();
        await client.close();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
