import { ServiceError } from '@temporalio/client';
import { waitForReport } from '../../src/client/result';
import type { Temporal } from '../../src/client/temporal';

/** gRPC's own numbers. */
const codes = { cancelled: 1, deadlineExceeded: 4 };

const report = { ending: 'Promoted', sentence: 'Promoted.', undone: [] };
const fault = (code: number) =>
  new ServiceError('no answer', { cause: Object.assign(new Error('no answer'), { code, details: '', metadata: {} }) });

/** Temporal that gives up on the first questions for a result. */
function givingUp({ times, code }: { readonly times: number; readonly code: number }) {
  let questions = 0;
  const client = {
    withDeadline: (_deadline: number, rpc: () => Promise<unknown>) => rpc(),
    workflow: {
      getHandle: () => ({
        result: () => ((questions += 1) <= times ? Promise.reject(fault(code)) : Promise.resolve(report)),
      }),
    },
  };
  const settings = { address: '127.0.0.1:7233', namespace: 'default' };
  return { temporal: { client, settings } as unknown as Temporal, questions: () => questions };
}

test.each(Object.entries(codes))(
  'a server that gives up (%s) is asked again until there is a report',
  async (_, code) => {
    const { temporal, questions } = givingUp({ times: 2, code });
    await expect(waitForReport(temporal, 'release/test/shop')).resolves.toEqual(report);
    expect(questions()).toBe(3);
  },
);

test('our own deadline ends the wait', async () => {
  const { temporal } = givingUp({ times: Infinity, code: codes.cancelled });
  await expect(waitForReport(temporal, 'release/test/shop', { timeoutMs: 700 })).rejects.toMatchObject({
    code: 'timed-out',
    message: 'release/test/shop has not ended in time; it goes on.',
  });
});

test('whoever cuts the wait off is not kept waiting', async () => {
  const { temporal, questions } = givingUp({ times: Infinity, code: codes.cancelled });
  const options = { signal: AbortSignal.abort() };
  await expect(waitForReport(temporal, 'release/test/shop', options)).rejects.toMatchObject({ code: 'timed-out' });
  expect(questions()).toBe(1);
});
