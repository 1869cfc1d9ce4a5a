/** What a platform says that a slot can carry now; a part is absent where it does not say. */
export type Capacity = {
  /** Share of the full load, 0 to 100. */
  readonly capacityPercent?: number | undefined;
  /** Requests a second. */
  readonly capacityRps?: number | undefined;
};

/** What a slot would get. */
export type Demand = {
  /** Share of all requests, 0 to 100. */
  readonly percent: number;
  /** Requests a second of all users; while it is undefined, not measured, only a share can be found too small. */
  readonly loadRps: number | undefined;
};

/** A load of a few seconds says not exactly what the next ones bring. */
const margin = 1.2;

const round = (rps: number): number => Math.round(rps * 10) / 10;

export const saysCapacity = ({ capacityPercent, capacityRps }: Capacity): boolean =>
  capacityPercent !== undefined || capacityRps !== undefined;

/** What the capacity lacks for the demand, said of the slot, or undefined where it suffices. */
export function capacityGap({ capacityPercent = 100, capacityRps }: Capacity, demand: Demand): string | undefined {
  const { percent, loadRps } = demand;
  if (capacityPercent < percent) return `has capacity for ${capacityPercent} % of the load and would get ${percent} %`;
  if (capacityRps === undefined || loadRps === undefined) return undefined;
  const wouldGet = (loadRps * percent) / 100;
  const needs = wouldGet * margin;
  return capacityRps < needs
    ? `has capacity for ${round(capacityRps)} requests/s and needs ${round(needs)}: it would get ${round(wouldGet)}`
    : undefined;
}
