import { ServiceError } from '@temporalio/client';
import { ask } from '../../src/client/ask';
import type { Temporal } from '../../src/client/temporal';
import { queryTimeoutMs, stickyTimeoutMs } from '../../src/core/release/query-timeouts';

/** gRPC's own number. */
const deadlineExceeded = 4;

const busy = () =>
  new ServiceError('no answer in time', {
    cause: Object.assign(new Error('deadline exceeded'), { code: deadlineExceeded, details: '', metadata: {} }),
  });

/** Temporal with one release, whose worker is too busy for the first questions. */
function askedTwiceInVain() {
  const deadlines: number[] = [];
  let questions = 0;
  const client = {
    withDeadline: (deadline: number, rpc: () => Promise<unknown>) => {
      deadlines.push(deadline - Date.now());
      return rpc();
    },
    workflow: {
      getHandle: () => ({
        query: () => ((questions += 1) <= 2 ? Promise.reject(busy()) : Promise.resolve({ phase: 'Releasing' })),
      }),
    },
  };
  const settings = { address: '127.0.0.1:7233', namespace: 'default' };
  return { temporal: { client, settings } as unknown as Temporal, deadlines };
}

test('a busy worker is asked again, each time for less than the server waits for it', async () => {
  const { temporal, deadlines } = askedTwiceInVain();
  await expect(ask(temporal, 'release/test/shop', 'state')).resolves.toEqual({ phase: 'Releasing' });
  expect(deadlines).toHaveLength(3);
  expect(Math.max(...deadlines)).toBeLessThanOrEqual(queryTimeoutMs);
  expect(queryTimeoutMs).toBeLessThan(stickyTimeoutMs);
});
