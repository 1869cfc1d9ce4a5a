/** Runs what it is given one after the other, in the order it was asked; a failure stops nobody behind it. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined); // Told to whoever asked; the next one only waits for the end.
    return mine;
  };
}
