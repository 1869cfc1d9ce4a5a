/**
 * Work in lanes of a bounded width, so that a slow lane delays no other one. `offer` says whether the work was taken:
 * not when the key is in hand already, nor when the lane is full.
 */
export function createLanes({ width, longest }: { readonly width: number; readonly longest: number }) {
  type Work = { readonly key: string; readonly run: () => Promise<void> };
  const waiting = new Map<string, Work[]>();
  const running = new Map<string, number>();
  const inHand = new Set<string>();
  const idle = new Set<() => void>();

  const start = (lane: string) => {
    const queue = waiting.get(lane) ?? [];
    while ((running.get(lane) ?? 0) < width) {
      const work = queue.shift();
      if (work === undefined) return;
      running.set(lane, (running.get(lane) ?? 0) + 1);
      void work.run().finally(() => {
        running.set(lane, (running.get(lane) ?? 1) - 1);
        inHand.delete(work.key);
        start(lane);
        if (inHand.size === 0) for (const tell of idle) tell();
      });
    }
  };
  return {
    offer: (lane: string, work: Work): boolean => {
      const queue = waiting.get(lane) ?? [];
      if (inHand.has(work.key) || queue.length >= longest) return false;
      inHand.add(work.key);
      waiting.set(lane, [...queue, work]);
      start(lane);
      return true;
    },
    /** Lets go of what has not begun and resolves when the rest has ended. */
    drain: async (): Promise<void> => {
      for (const queue of waiting.values()) for (const { key } of queue.splice(0)) inHand.delete(key);
      if (inHand.size > 0) await new Promise<void>((resolve) => idle.add(resolve));
    },
  };
}
