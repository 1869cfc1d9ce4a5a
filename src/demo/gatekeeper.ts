import type { SpillwayClient } from '../client';
import type { ReleaseState } from '../core/release/state';
import type { Narrator } from './narrator';

/** Asks a person for the approvals of one release and carries the answers out. */
export type Gatekeeper = {
  /** To be told every sight of the release. */
  look(state: ReleaseState): void;
  isAsking(): boolean;
  /** How many approvals were turned down. */
  rejections(): number;
  /** Resolves when no question and no answer is under way; rejects when one failed. */
  settled(): Promise<void>;
};

type Asker = {
  readonly client: Pick<SpillwayClient, 'approve' | 'reject'>;
  readonly narrator: Pick<Narrator, 'confirm'>;
  readonly signal: AbortSignal;
  readonly by: string;
};

const openGate = ({ gates, failure }: ReleaseState): string | undefined =>
  failure === undefined
    ? Object.entries(gates).find(([, gate]) => gate.approvals.length === 0 && gate.rejection === undefined)?.[0]
    : undefined;

export function createGatekeeper({ client, narrator, by, signal }: Asker, workflowId: string): Gatekeeper {
  const asked = new Map<string, Promise<void>>();
  let pending: AbortController | undefined;
  let rejections = 0;

  /** The answer, or undefined when the release turned back before it came. */
  async function ask(question: string): Promise<boolean | undefined> {
    const withdrawn = new AbortController();
    pending = withdrawn;
    try {
      return await narrator.confirm(question, AbortSignal.any([signal, withdrawn.signal]));
    } catch (error) {
      if (withdrawn.signal.aborted) return undefined;
      throw error;
    } finally {
      pending = undefined;
    }
  }

  async function decide(gate: string, version: string): Promise<void> {
    const isYes = await ask(`Approve ${gate.replaceAll('-', ' ')} of ${version}?`);
    if (isYes === true) await client.approve(workflowId, { gate, by, why: 'it looks right' });
    if (isYes !== false) return;
    rejections += 1;
    await client.reject(workflowId, { gate, by, why: 'answered no at the terminal' });
  }

  return {
    isAsking: () => pending !== undefined,
    rejections: () => rejections,
    look(state) {
      const gate = openGate(state);
      if (gate === undefined) pending?.abort();
      if (gate === undefined || asked.has(gate)) return;
      const decision = decide(gate, state.sealed?.plan.version ?? '');
      // Its failure is told by `settled`, which nobody awaits while the question is open.
      decision.catch(() => undefined);
      asked.set(gate, decision);
    },
    settled: () => Promise.all(asked.values()).then(() => undefined),
  };
}
