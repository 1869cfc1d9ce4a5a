import type { SpillwayClient } from '../client';
import type { ReleaseState } from '../core/release/state';
import { UsageError } from './fault';

/** The gate a release waits at now; undefined when it waits at none. */
export function openGateOf(state: ReleaseState): string | undefined {
  if (state.failure !== undefined || state.endedAtMs !== undefined) return undefined;
  const stage = state.sealed?.plan.stages.find(({ id }) => id === state.stage);
  if (stage?.kind !== 'gate') return undefined;
  return state.gates[stage.gate.name] === undefined ? undefined : stage.gate.name;
}

/** The gate a person means: the named one, else the open one of the release or of its contract. */
export async function chooseGate(client: SpillwayClient, workflowId: string, named?: string): Promise<string> {
  if (named !== undefined) return named;
  if (workflowId.startsWith('contract/')) return (await client.contractState(workflowId)).gate.name;
  const state = await client.state(workflowId);
  const gate = openGateOf(state) ?? (state.phase === 'Promoted' ? state.sealed?.plan.contractGate.name : undefined);
  if (gate !== undefined) return gate;
  throw new UsageError(
    `${workflowId} waits at no gate now (it is ${state.phase}${state.stage === undefined ? '' : ` at ${state.stage}`}).`,
  );
}
