import type { Slot } from '../core/plan/effects';

export type SlotStatus = {
  readonly slot: Slot;
  readonly version?: string;
  /** The key the slot was deployed by, `<release>`. */
  readonly release?: string;
  readonly state: 'absent' | 'starting' | 'running' | 'draining' | 'stopped' | 'failed';
  readonly isReady: boolean;
  /** Share of the full load it has the capacity for, 0 to 100; absent: all of it, once it is ready. */
  readonly capacityPercent?: number;
  /** Requests a second it has the capacity for now; absent: the platform does not say. */
  readonly capacityRps?: number;
  readonly detail?: string;
};

export type DeployRequest = {
  readonly slot: Slot;
  readonly version: string;
  readonly service: string;
  readonly release: string;
};

/** Starts and stops versions in slots. Every call returns at once; `status` tells what became of it. */
export interface DeployerPort {
  deploy(request: DeployRequest): Promise<void>;
  status(slot: Slot, service: string): Promise<SlotStatus>;
  drain(request: DeployRequest): Promise<void>;
  undeploy(request: DeployRequest): Promise<void>;
  /** Where the slot answers directly, without the proxy. */
  slotUrl(slot: Slot): string;
}
