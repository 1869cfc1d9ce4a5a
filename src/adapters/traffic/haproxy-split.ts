import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { SlotTraffic, Split } from '../../ports/traffic';
import type { ServerState } from './haproxy-reading';

/** Both slots in HAProxy's own weights. */
export type Servers = { readonly [S in Slot]: ServerState };

const slots = ['blue', 'green'] as const;

export type Weights = { readonly [S in Slot]: number };

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
  slots.map((slot) => `${slot} ${split[slot].weight} ${split[slot].state}`).join(', ');

/** HAProxy weights as the shares they stand for. */
export const toSplit = (servers: Servers): Split => {
  const shares = decodeShares({ blue: servers.blue.weight, green: servers.green.weight });
  return {
    blue: { weight: shares.blue, state: servers.blue.state },
    green: { weight: shares.green, state: servers.green.state },
  };
};

export const isSameSplit = (a: Servers | Split, b: Servers | Split): boolean =>
  slots.every((slot) => a[slot].weight === b[slot].weight && a[slot].state === b[slot].state);

/** Commands for one slot: whoever becomes ready has its weight first, whoever leaves stops first. */
const slotCommands = (server: string, { weight, state }: SlotTraffic): readonly string[] => {
  const setWeight = weightCommand(server, weight);
  const setState = `set server ${server} state ${state}`;
  return state === 'ready' ? [setWeight, setState] : [setState, setWeight];
};

const weightCommand = (server: string, weight: number): string => `set server ${server} weight ${weight}`;

type Backend = { readonly name: string; readonly servers: { readonly [S in Slot]: string } };

/** Weights alone, the larger one first, for the same reason as in `splitCommands`. */
export const weightCommands = ({ name, servers }: Backend, weights: Weights): string =>
  [...slots]
    .sort((a, b) => weights[b] - weights[a])
    .map((slot) => weightCommand(`${name}/${servers[slot]}`, weights[slot]))
    .join(';');

/**
 * All commands of a split in one line. The slot with the larger wanted share goes first: a backend whose servers are all
 * at weight 0 or in maintenance answers 503, even for the microseconds between two commands, and in either order
 * the canary's share moves straight from the old value to the new one.
 */
export const splitCommands = (backend: Backend, wanted: Servers): string =>
  [...slots]
    .sort(
      (a, b) =>
        Number(wanted[a].state !== 'ready') - Number(wanted[b].state !== 'ready') ||
        wanted[b].weight - wanted[a].weight,
    )
    .flatMap((slot) => slotCommands(`${backend.name}/${backend.servers[slot]}`, wanted[slot]))
    .join(';');

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
