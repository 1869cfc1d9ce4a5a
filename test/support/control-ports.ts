import type { Ports } from '../../src/activities/ports';

type Target =
  | 'traffic'
  | 'deployer'
  | 'database'
  | 'contracts'
  | 'metrics'
  | 'configuration'
  | 'flags'
  | 'credentials'
  | 'store'
  | 'temporal';
/** A method of a port, e.g. `traffic.writeSplit`. */
export type CallName = `${Target}.${string}`;
type Call = { readonly name: CallName; readonly args: readonly unknown[]; readonly atMs: number };

export type Held = {
  /** Resolves when the first call waits. */
  readonly reached: Promise<void>;
  /** Lets the held calls and all later ones through; with an error the held ones fail of it. */
  release(error?: Error): void;
};

export type PortControl = {
  readonly ports: Ports;
  readonly calls: readonly Call[];
  /** Names of the calls so far that match. */
  order(names: RegExp): readonly string[];
  /** Calls wait before they do anything. */
  hold(name: CallName, isMeant?: (...args: never[]) => boolean): Held;
  /** Calls throw this until it is given back as undefined. */
  fail(name: CallName, error: Error | undefined, isMeant?: (...args: never[]) => boolean): void;
  /** Calls find something else. */
  alter<T>(name: CallName, change: (found: T) => T | undefined, isMeant?: (...args: never[]) => boolean): void;
};

type Rule = {
  readonly isMeant: (...args: never[]) => boolean;
  readonly before: () => Promise<void>;
  readonly change?: (found: unknown) => unknown;
};

const always = () => true;

/** Ports that note every call and do what a test says before they go through. */
export function controlPorts(inner: Ports): PortControl {
  const calls: Call[] = [];
  const rules = new Map<string, Rule>();

  const watched = <T extends object>(target: Target, port: T): T =>
    new Proxy(port, {
      get(object, key) {
        const found: unknown = Reflect.get(object, key);
        if (typeof found !== 'function' || key === 'slotUrl') return found;
        const name = `${target}.${String(key)}` as const;
        return async (...args: never[]): Promise<unknown> => {
          calls.push({ name, args, atMs: Date.now() });
          const rule = rules.get(name);
          const isMeant = rule?.isMeant(...args) === true;
          if (isMeant) await rule.before();
          const answer = await (found as (...args: never[]) => unknown).apply(object, args);
          return isMeant && rule.change !== undefined ? rule.change(answer) : answer;
        };
      },
    });
  const temporal = watched('temporal', {
    describeRun: (id: string, runId?: string) => inner.describeRun(id, runId),
    resetStickyQueue: (id: string, runId: string) => inner.resetStickyQueue(id, runId),
    lastHeartbeat: (id: string, runId: string, type: string) => inner.lastHeartbeat(id, runId, type),
  });
  const ports: Ports = {
    ...inner,
    store: watched('store', inner.store),
    traffic: (target) => watched('traffic', inner.traffic(target)),
    deployer: (target) => watched('deployer', inner.deployer(target)),
    database: (target) => watched('database', inner.database(target)),
    contracts: (target) => watched('contracts', inner.contracts(target)),
    metrics: (target) => watched('metrics', inner.metrics(target)),
    configuration: (target) => watched('configuration', inner.configuration(target)),
    flags: (target) => watched('flags', inner.flags(target)),
    credentials: (target) => watched('credentials', inner.credentials(target)),
    describeRun: temporal.describeRun,
    lastHeartbeat: temporal.lastHeartbeat,
    resetStickyQueue: temporal.resetStickyQueue,
    runs: watched('temporal', inner.runs),
  };
  return {
    ports,
    calls,
    order: (names) => calls.filter(({ name }) => names.test(name)).map(({ name }) => name),
    hold(name, isMeant = always) {
      let letGo: (error?: Error) => void = () => {};
      let reach = () => {};
      const released = new Promise<void>((resolve, reject) => {
        letGo = (error) => (error === undefined ? resolve() : reject(error));
      });
      released.catch(() => undefined);
      const reached = new Promise<void>((resolve) => (reach = resolve));
      const before = () => {
        reach();
        return released;
      };
      rules.set(name, { isMeant, before });
      return {
        reached,
        release(error) {
          rules.delete(name);
          letGo(error);
        },
      };
    },
    fail(name, error, isMeant = always) {
      if (error === undefined) rules.delete(name);
      else rules.set(name, { isMeant, before: () => Promise.reject(error) });
    },
    alter<T>(name: CallName, change: (found: T) => T | undefined, isMeant = always) {
      rules.set(name, { isMeant, before: () => Promise.resolve(), change: (found) => change(found as T) });
    },
  };
}
