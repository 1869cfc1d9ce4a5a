import type { pickFreePort } from '../../src/stack/free-port';

type FreePort = { readonly pickFreePort: typeof pickFreePort };

test('a port that was given to one is given to nobody else, although nothing listens on it', async () => {
  // Two copies of the module begin at the same port, as two processes may.
  const copies = [0, 1].map(() => {
    let copy: FreePort | undefined;
    jest.isolateModules(() => (copy = jest.requireActual<FreePort>('../../src/stack/free-port')));
    return copy as FreePort;
  });
  const ports: number[] = [];
  for (const copy of copies) ports.push(await copy.pickFreePort(), await copy.pickFreePort());
  expect(new Set(ports).size).toBe(4);
});
