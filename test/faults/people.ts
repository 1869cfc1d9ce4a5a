import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { FaultCase } from './cases';
import { askMs, insist, isRefusal, wordsOf } from './insist';

/** Who decides about the release of a case. They ask until they have an answer, whatever is away meanwhile. */
export type People = {
  approve(workflowId: string, gate: string, name: string): Promise<void>;
  abort(workflowId: string): Promise<void>;
  /** Approvals that were accepted, by id. */
  readonly accepted: string[];
  /** What they were refused and should not have been. */
  readonly faults: string[];
};

export function createPeople(temporal: Client, fault: FaultCase, patienceMs: number): People {
  const accepted: string[] = [];
  const faults: string[] = [];
  const within = <T>(ask: () => Promise<T>): Promise<T> => temporal.withDeadline(Date.now() + askMs, ask);
  // Beside a second worker every message comes twice at once.
  const times = fault.kind === 'second-worker' ? 2 : 1;
  const sendAll = (send: () => Promise<unknown>): Promise<unknown> => Promise.all(Array.from({ length: times }, send));

  return {
    accepted,
    faults,
    async approve(workflowId, gate, name) {
      const message = { id: `${name}-${randomUUID()}`, gate, by: 'ada', why: 'it looks fine' };
      const handle = temporal.workflow.getHandle(workflowId);
      try {
        await sendAll(() =>
          insist(`approve ${gate}`, patienceMs, () =>
            within(() => handle.executeUpdate('approve', { args: [message], updateId: message.id })),
          ),
        );
        accepted.push(message.id);
      } catch (error) {
        // A refusal is an answer: an abort may have won.
        if (!isRefusal(error)) throw error;
        if (fault.kind !== 'race') faults.push(`approval of ${gate} refused: ${wordsOf(error)}`);
      }
    },
    async abort(workflowId) {
      const message = { id: `abort-${randomUUID()}`, by: 'dee', why: 'enough' };
      const handle = temporal.workflow.getHandle(workflowId);
      await sendAll(() =>
        insist('abort', patienceMs, async () => (await within(() => handle.signal('abort', message)), true)),
      );
    },
  };
}
