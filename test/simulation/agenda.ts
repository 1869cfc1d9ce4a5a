import type { Random } from './random';

type Item = { readonly atMs: number; readonly tie: number; act: (() => void) | undefined };

/** Virtual time: what is due next happens next, and what is due at the same moment happens in a seeded order. */
export type Agenda = {
  readonly nowMs: () => number;
  /** Returns what takes it off again. */
  after(delayMs: number, act: () => void): () => void;
  /** Does the next thing; false when nothing is left. */
  step(): boolean;
};

const isBefore = (left: Item, right: Item): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.tie < right.tie);

export function createAgenda(random: Random, startMs: number): Agenda {
  const heap: Item[] = [];
  let nowMs = startMs;

  function push(item: Item): void {
    let index = heap.length;
    heap.push(item);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(item, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = item;
  }

  function pop(): Item | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, left)) child += 1;
      const least = heap[child];
      if (least === undefined || !isBefore(least, last)) break;
      heap[index] = least;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  return {
    nowMs: () => nowMs,
    after(delayMs, act) {
      const item: Item = { atMs: nowMs + Math.max(0, Math.round(delayMs)), tie: random.next(), act };
      push(item);
      return () => {
        item.act = undefined;
      };
    },
    step() {
      for (let item = pop(); item !== undefined; item = pop()) {
        if (item.act === undefined) continue;
        nowMs = item.atMs;
        item.act();
        return true;
      }
      return false;
    },
  };
}
