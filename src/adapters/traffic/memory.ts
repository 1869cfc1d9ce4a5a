import type { Asker } from '../../core/cohorts/asker';
import { isAnyRaised, type Members } from '../../core/cohorts/members';
import type { Slot } from '../../core/plan/effects';
import type { PortErrorCode } from '../../ports/errors';
import { PortError } from '../../ports/errors';
import type { SlotCounters, Split, TrafficPort, Written } from '../../ports/traffic';

type Misrouted = string | ((asker: Asker) => boolean);

/** What a test, or a dry run's world, does to the proxy behind the port. */
type MemoryTrafficControls = {
  /** Users send `requests` to a slot, `bad` of them fail. */
  serve(slot: Slot, requests: number, bad: number): void;
  /** So many users are in the middle of a request from now on. */
  holdSessions(slot: Slot, sessions: number): void;
  /** The health checks of the proxy find a slot down, or well again. */
  checkHealth(slot: Slot, isDown: boolean): void;
  /** A reload: back to the first split, counters kept. */
  loseWeights(): void;
  /** A crash: back to the first split, counters from zero. */
  restart(): void;
  /** Every call fails with this code until called with nothing. */
  refuse(code?: PortErrorCode): void;
  /** The file that the proxy begins with cannot be written, until called with false. */
  lockFile(isLocked: boolean): void;
  /** Whoever asks as this member, or as one of these, reaches that slot, whatever the split says, until called without a slot. */
  misroute(who: Misrouted, slot?: Slot): void;
  /** A second proxy shows this instead until called with nothing or written. */
  disagree(split?: Split): void;
};

export type MemoryTraffic = TrafficPort & MemoryTrafficControls;

const slots = ['blue', 'green'] as const;
const wholeBlue: Split = { blue: { weight: 100, state: 'ready' }, green: { weight: 0, state: 'maint' } };

/** Nobody named is not shown at all. */
const named = (members: Members = {}): Pick<Split, 'members'> => (Object.keys(members).length === 0 ? {} : { members });

const describe = (split: Split): string =>
  slots.map((slot) => `${slot} ${split[slot].weight} ${split[slot].state}`).join(', ');

/** A proxy in memory: keeps what is written, counts what is served. Starts with everybody on blue. */
export const createMemoryTraffic = (first: Split = wholeBlue): MemoryTraffic => {
  let split = first;
  let other: Split | undefined;
  let refusal: PortErrorCode | undefined;
  let isFileLocked = false;
  let resets = 0;
  let generation = 1;
  const sessions: { [S in Slot]: number } = { blue: 0, green: 0 };
  const misrouted = new Map<Misrouted, Slot>();
  const down = new Set<Slot>();
  const counters: { [S in Slot]: SlotCounters } = { blue: { requests: 0, bad: 0 }, green: { requests: 0, bad: 0 } };

  const differ = () => (other === undefined ? undefined : `memory-1: ${describe(split)}; memory-2: ${describe(other)}`);
  const answer = async <T>(act: () => T): Promise<T> => {
    await Promise.resolve();
    if (refusal !== undefined)
      throw new PortError(refusal, `The proxy in memory was told to fail with ${refusal}. Tell it to stop.`);
    return act();
  };

  const locked = '/memory.state: cannot be written (EACCES)';
  const assertFile = (): void => {
    if (isFileLocked)
      throw new PortError('Rejected', `${locked}; unlock the file that the proxy in memory begins with.`);
  };
  const keepFile = (isExposing: boolean): Written => {
    if (isExposing) assertFile();
    return isFileLocked ? { unkept: `${locked}. A reload begins with the split of before: unlock the file` } : {};
  };
  return {
    writeSplit: (wanted) =>
      answer(() => {
        split = { blue: wanted.blue, green: wanted.green, ...named(wanted.members) };
        other = undefined;
        const isOpen = slots.every((slot) => wanted[slot].state === 'ready');
        return keepFile(isOpen && (split.members !== undefined || slots.every((slot) => wanted[slot].weight > 0)));
      }),
    writeWeights: (shares, { falling, members = split.members } = {}) =>
      answer(() => {
        const isRaised = falling !== undefined && isAnyRaised(split.members ?? {}, members ?? {}, falling);
        if (falling !== undefined && (split[falling].weight < shares[falling] || isRaised))
          throw new PortError('NotConverged', `The proxy in memory shows less on ${falling}: nothing was changed.`);
        split = {
          blue: { weight: shares.blue, state: split.blue.state },
          green: { weight: shares.green, state: split.green.state },
          ...named(members),
        };
        other = undefined;
        return keepFile(falling === undefined);
      }),
    tryFiles: () => answer(assertFile),
    readSplit: () =>
      answer(() => {
        const disagreement = differ();
        if (disagreement === undefined) return split;
        throw new PortError('NotConverged', `The proxies in memory differ: ${disagreement}. Write the split again.`);
      }),
    read: () =>
      answer(() => {
        const disagreement = differ();
        const shown = disagreement === undefined ? { split } : { disagreement };
        return {
          ...shown,
          counters: { ...counters },
          sessions: { ...sessions },
          down: [...down],
          resets,
          processes: `${generation}`,
        };
      }),
    whoServes: (asker) =>
      answer(() => {
        const { blue, green } = split.members?.[asker.member ?? ''] ?? {
          blue: split.blue.weight,
          green: split.green.weight,
        };
        const serves = (slot: Slot, share: number): boolean => split[slot].state === 'ready' && share > 0;
        const slot = serves('green', green) && (green > blue || !serves('blue', blue)) ? 'green' : 'blue';
        const wrong = [...misrouted].find(([who]) => (typeof who === 'string' ? who === asker.member : who(asker)));
        return [wrong?.[1] ?? slot];
      }),
    lockFile: (isLocked) => void (isFileLocked = isLocked),
    misroute: (who, slot) => void (slot === undefined ? misrouted.delete(who) : misrouted.set(who, slot)),
    serve(slot, requests, bad) {
      const before = counters[slot];
      counters[slot] = { requests: before.requests + requests, bad: before.bad + bad };
    },
    holdSessions(slot, count) {
      sessions[slot] = count;
    },
    checkHealth(slot, isDown) {
      if (isDown) down.add(slot);
      else down.delete(slot);
    },
    loseWeights() {
      split = first;
      generation += 1;
    },
    restart() {
      split = first;
      generation += 1;
      resets += 1;
    },
    refuse: (code) => void (refusal = code),
    disagree: (shown) => void (other = shown),
  };
};
