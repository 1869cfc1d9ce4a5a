import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '../client';
import type { ContractState } from '../core/release/contract-state';
import { explainContract } from '../core/release/explain-contract';
import { contractWorkflowId } from '../core/release/messages';
import type { Stage } from './play-release';

/** A contract that was played to its end. Times are epoch milliseconds. */
export type PlayedContract = {
  readonly workflowId: string;
  readonly state: ContractState;
  readonly fromMs: number;
  readonly toMs: number;
};

const lookEveryMs = 150;
const appearsWithinMs = 15_000;

/** The release starts its contract as its last act, so it may be a moment away. */
async function firstSight({ client, signal }: Stage, workflowId: string): Promise<ContractState> {
  const deadline = Date.now() + appearsWithinMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await client.contractState(workflowId);
    } catch (error) {
      if (!(error instanceof ClientError && error.code === 'not-found') || Date.now() > deadline) throw error;
    }
    await sleep(lookEveryMs);
  }
}

/** Its gate opens when nobody needs the old form and what is removed was kept and restored once. */
async function openedGate(stage: Stage, workflowId: string): Promise<ContractState> {
  let state = await firstSight(stage, workflowId);
  while (state.phase === 'WaitingForQuiet' || state.phase === 'MakingRestorePoint') {
    stage.signal.throwIfAborted();
    await sleep(lookEveryMs);
    state = await stage.client.contractState(workflowId);
  }
  return state;
}

/** Asks for the approval of a promoted release's contract and shows it until it ends. */
export async function playContract(
  stage: Stage,
  of: { readonly environment: string; readonly service: string; readonly firstRunId: string },
): Promise<PlayedContract> {
  const { client, narrator, by, signal } = stage;
  const workflowId = contractWorkflowId(of.environment, of.service, of.firstRunId);
  let state = await openedGate(stage, workflowId);
  const isYes = await narrator.confirm(`Approve ${state.gate.name} of ${state.version}? There is no way back.`, signal);
  const fromMs = Date.now();
  const person = {
    gate: state.gate.name,
    by,
    why: isYes ? 'nobody needs the old form' : 'answered no at the terminal',
  };
  await (isYes ? client.approve(workflowId, person) : client.reject(workflowId, person));
  let said = '';
  for (;;) {
    signal.throwIfAborted();
    state = await client.contractState(workflowId);
    const { sentence } = explainContract(state);
    if (sentence !== said) narrator.list([`  ${sentence}`]);
    said = sentence;
    if (state.phase === 'Contracted' || state.phase === 'Declined') break;
    await sleep(lookEveryMs);
  }
  return { workflowId, state, fromMs, toMs: Date.now() };
}
