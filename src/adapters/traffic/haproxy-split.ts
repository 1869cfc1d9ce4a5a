import { describeMembers, isSameMembers, type Members } from '../../core/cohorts/members';
import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { Split } from '../../ports/traffic';
import type { ServerState } from './haproxy-reading';

/** Both slots in HAProxy's own weights. */
export type Servers = { readonly [S in Slot]: ServerState };

const slots = ['blue', 'green'] as const;

export type Weights = { readonly [S in Slot]: number };

export const weightsOf = ({ blue, green }: Servers): Weights => ({ blue: blue.weight, green: green.weight });

const maxWeight = 256;

/**
 * HAProxy weights (0 to 256) for two shares: the shares themselves when whole, else the nearest pair of weights.
 * Undefined when no pair comes within 0.05 points, which is so below 0.35 %.
 */
export const encodeWeights = (shares: Weights): Weights | undefined => {
  const sum = shares.blue + shares.green;
  if (sum === 0) return { blue: 0, green: 0 };
  const share = shares.green / sum;
  const percent = Math.round(share * 1e6) / 1e4;
  if (Number.isInteger(percent)) return { blue: 100 - percent, green: percent };
  const clamp = (weight: number) => Math.min(maxWeight, Math.max(1, Math.round(weight)));
  let best: { weights: Weights; error: number } | undefined;
  for (let weight = 1; weight <= maxWeight; weight += 1) {
    const weights =
      share < 0.5
        ? { green: weight, blue: clamp((weight * (1 - share)) / share) }
        : { blue: weight, green: clamp((weight * share) / (1 - share)) };
    const error = Math.abs(weights.green / (weights.blue + weights.green) - share);
    if (best === undefined || error < best.error - 1e-12) best = { weights, error };
  }
  return best !== undefined && best.error < 0.0005 ? best.weights : undefined;
};

/** The shares two weights stand for, in percent with one decimal; zero when both weights are. */
export const decodeShares = ({ blue, green }: Weights): Weights => {
  const sum = blue + green;
  if (sum === 0) return { blue: 0, green: 0 };
  const greenTenths = Math.round((1000 * green) / sum);
  return { blue: (1000 - greenTenths) / 10, green: greenTenths / 10 };
};

export const describeSplit = (split: Split): string =>
  slots.map((slot) => `${slot} ${split[slot].weight} ${split[slot].state}`).join(', ') + describeMembers(split.members);

/** HAProxy weights as the shares they stand for. */
export const toSplit = (servers: Servers, members: Members = {}): Split => {
  const shares = decodeShares(weightsOf(servers));
  return {
    blue: { weight: shares.blue, state: servers.blue.state },
    green: { weight: shares.green, state: servers.green.state },
    ...(Object.keys(members).length === 0 ? {} : { members }),
  };
};

export const isSameServers = (a: Servers, b: Servers): boolean =>
  slots.every((slot) => a[slot].weight === b[slot].weight && a[slot].state === b[slot].state);

export const isSameSplit = (a: Split, b: Split): boolean => isSameServers(a, b) && isSameMembers(a.members, b.members);

/** HAProxy weights for wanted shares. @throws PortError Rejected when no weights come near enough. */
export const toWeights = (shares: Weights): Weights => {
  const weights = encodeWeights(shares);
  if (weights !== undefined) return weights;
  throw new PortError(
    'Rejected',
    `HAProxy cannot show blue ${shares.blue} %, green ${shares.green} %: its weights reach 256, so the smallest share is 0.4 %. Choose 0, or 0.4 or more.`,
  );
};

/** The same with states. @throws as `toWeights`. */
export const toServers = (split: Split): Servers => {
  const weights = toWeights({ blue: split.blue.weight, green: split.green.weight });
  return {
    blue: { weight: weights.blue, state: split.blue.state },
    green: { weight: weights.green, state: split.green.state },
  };
};
