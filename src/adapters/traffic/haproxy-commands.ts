import type { Slot } from '../../core/plan/effects';
import type { SlotTraffic } from '../../ports/traffic';
import { weightsOf, type Servers, type Weights } from './haproxy-split';

/** What a slot weighs in HAProxy's choice: nothing while it is not ready. */
const effective = ({ blue, green }: Servers): Weights => ({
  blue: blue.state === 'ready' ? blue.weight : 0,
  green: green.state === 'ready' ? green.weight : 0,
});

const greenShare = ({ blue, green }: Weights): number => (blue + green === 0 ? 0 : green / (blue + green));

/** How far a share lies outside of what is between two others. */
const outside = (share: number, one: number, other: number): number =>
  Math.max(0, Math.min(one, other) - share, share - Math.max(one, other));

/** Whether the order of two writes can matter: one slot alone serves right away whoever is written first. */
export const isShared = ({ blue, green }: Weights): boolean => blue > 0 && green > 0;

/**
 * The slots in the order in which they are written. In between, the share stays between the old and the new one, as far as
 * that can be. Of two orders that keep it there, the slot whose weight rises goes first: after the other order HAProxy's
 * `roundrobin` was seen to send hundreds of requests in a row to it. A slot that leaves goes last, because a backend without
 * a slot answers 503, even for the microseconds between two commands.
 */
const inOrder = (wanted: Weights, found: Weights): readonly [Slot, Slot] => {
  if (!isShared(wanted)) return wanted.blue >= wanted.green ? ['blue', 'green'] : ['green', 'blue'];
  const [from, to] = [greenShare(found), greenShare(wanted)];
  const blueFirst = outside(greenShare({ ...found, blue: wanted.blue }), from, to);
  const greenFirst = outside(greenShare({ ...found, green: wanted.green }), from, to);
  const isGreenFirst = Math.abs(blueFirst - greenFirst) > 1e-9 ? greenFirst < blueFirst : wanted.green > found.green;
  return isGreenFirst ? ['green', 'blue'] : ['blue', 'green'];
};

const weightCommand = (server: string, weight: number): string => `set server ${server} weight ${weight}`;

/**
 * Takes a server out of HAProxy's cycle and puts it in again, at the place that is due to it. A server that refused connections
 * while it served alone may stand up to a whole cycle ahead, and until the others have caught up they get all requests.
 */
const weightAnew = (server: string, weight: number): readonly string[] => [
  weightCommand(server, 0),
  weightCommand(server, weight),
];

/** Commands for one slot: whoever becomes ready has its weight first, whoever leaves stops first. */
const slotCommands = (server: string, { weight, state }: SlotTraffic, isAnew: boolean): readonly string[] => {
  const setWeight = isAnew ? weightAnew(server, weight) : [weightCommand(server, weight)];
  const setState = `set server ${server} state ${state}`;
  return state === 'ready' ? [...setWeight, setState] : [setState, ...setWeight];
};

type Backend = {
  readonly name: string;
  readonly servers: { readonly [S in Slot]: string };
  /** Whether whoever is written second is put in anew. */
  readonly isAnew?: boolean;
};

/**
 * Weights alone, in one line, to be written over what was found; without it where only one slot is to serve. Whoever is
 * written second is put in anew, if the first is there to serve meanwhile.
 */
export const weightCommands = (
  { name, servers, isAnew: mayBeAnew = true }: Backend,
  wanted: Weights,
  found?: Servers,
): string => {
  const [first, second] = inOrder(wanted, found === undefined ? wanted : weightsOf(found));
  const isAnew = mayBeAnew && isShared(wanted) && found?.[first].state === 'ready';
  const write = isAnew ? weightAnew : (server: string, weight: number) => [weightCommand(server, weight)];
  const server = (slot: Slot): string => `${name}/${servers[slot]}`;
  return [weightCommand(server(first), wanted[first]), ...write(server(second), wanted[second])].join(';');
};

/** All commands of a split, in one line, to be written over what was found; without it where only one slot is to serve. */
export const splitCommands = (
  { name, servers, isAnew: mayBeAnew = true }: Backend,
  wanted: Servers,
  found: Servers = wanted,
): string => {
  const [first, second] = inOrder(effective(wanted), effective(found));
  const isAnew = mayBeAnew && isShared(effective(wanted));
  return [
    ...slotCommands(`${name}/${servers[first]}`, wanted[first], false),
    ...slotCommands(`${name}/${servers[second]}`, wanted[second], isAnew),
  ].join(';');
};
