import type { Slot } from '../../core/plan/effects';
import type { DeployerPort, DeployRequest, SlotStatus } from '../../ports/deployer';
import { PortError } from '../../ports/errors';

type Capacity = Pick<SlotStatus, 'capacityPercent' | 'capacityRps'>;
type Verb = 'deploy' | 'status' | 'drain' | 'undeploy';
type Place = { readonly version: string; readonly release: string; readonly state: SlotStatus['state'] };

export type MemoryDeployerOptions = {
  readonly urls?: { readonly [S in Slot]: string };
  /** What runs already when the world begins. */
  readonly running?: readonly DeployRequest[];
};

/** A deployer that keeps its slots in memory; a slot becomes ready at once unless a test says otherwise. */
export type MemoryDeployer = DeployerPort & {
  /** Whether what runs in the slot says that it is ready, now and later. */
  setReady(slot: Slot, isReady: boolean): void;
  /** What the slot says of its capacity from now on. */
  setCapacity(slot: Slot, capacity: Capacity): void;
  /** What runs in the slot dies. */
  crash(slot: Slot, detail: string): void;
  /** Every call of the verb throws the error until it is set to undefined. */
  setFailure(verb: Verb, error: PortError | undefined): void;
  readonly calls: readonly { readonly verb: Verb; readonly slot: Slot; readonly release?: string }[];
};

const defaultUrls = { blue: 'http://127.0.0.1:1/blue', green: 'http://127.0.0.1:1/green' };

/** @throws PortError `Rejected` from `drain` and `undeploy` of a slot that another release deployed. */
export function createMemoryDeployer({ urls = defaultUrls, running = [] }: MemoryDeployerOptions = {}): MemoryDeployer {
  const places = new Map<string, Place>();
  const details = new Map<Slot, string>();
  const unready = new Set<Slot>();
  const capacities = new Map<Slot, Capacity>();
  const failures = new Map<Verb, PortError>();
  const calls: { verb: Verb; slot: Slot; release?: string }[] = [];
  const keyOf = ({ service, slot }: { service: string; slot: Slot }) => `${service}/${slot}`;
  const put = (request: DeployRequest) => {
    const { version, release } = request;
    places.set(keyOf(request), { version, release, state: 'running' });
  };
  running.forEach(put);

  const note = (verb: Verb, slot: Slot, release?: string) => {
    calls.push({ verb, slot, ...(release === undefined ? {} : { release }) });
    const failure = failures.get(verb);
    if (failure !== undefined) throw failure;
  };
  const owned = (verb: Verb, request: DeployRequest): Place | undefined => {
    const place = places.get(keyOf(request));
    if (place === undefined || place.release === request.release) return place;
    const who = `release ${place.release} deployed slot ${request.slot}`;
    throw new PortError('Rejected', `${verb}: ${who}; release ${request.release} may not touch it`);
  };
  const statusOf = (slot: Slot, service: string): SlotStatus => {
    const place = places.get(keyOf({ service, slot }));
    if (place === undefined) return { slot, state: 'absent', isReady: false };
    const isReady = place.state === 'running' && !unready.has(slot);
    const state = place.state === 'running' && !isReady ? 'starting' : place.state;
    const detail = details.get(slot);
    return {
      slot,
      version: place.version,
      release: place.release,
      state,
      isReady,
      ...capacities.get(slot),
      ...(detail ? { detail } : {}),
    };
  };
  return {
    deploy: async (request) => {
      await Promise.resolve();
      note('deploy', request.slot, request.release);
      details.delete(request.slot);
      put(request);
    },
    drain: async (request) => {
      await Promise.resolve();
      note('drain', request.slot, request.release);
      const place = owned('drain', request);
      if (place?.state === 'running') places.set(keyOf(request), { ...place, state: 'stopped' });
    },
    undeploy: async (request) => {
      await Promise.resolve();
      note('undeploy', request.slot, request.release);
      if (owned('undeploy', request) !== undefined) places.delete(keyOf(request));
    },
    status: async (slot, service) => {
      await Promise.resolve();
      note('status', slot);
      return statusOf(slot, service);
    },
    slotUrl: (slot) => urls[slot],
    setReady: (slot, isReady) => void (isReady ? unready.delete(slot) : unready.add(slot)),
    setCapacity: (slot, capacity) => void capacities.set(slot, capacity),
    crash: (slot, detail) => {
      details.set(slot, detail);
      for (const [key, place] of places) if (key.endsWith(`/${slot}`)) places.set(key, { ...place, state: 'failed' });
    },
    setFailure: (verb, error) => void (error ? failures.set(verb, error) : failures.delete(verb)),
    calls,
  };
}
