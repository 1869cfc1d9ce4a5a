import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Plan } from '../core/plan/plan';
import { newContract, type ContractState } from '../core/release/contract-state';
import { explain } from '../core/release/explain';
import type { Explanation } from '../core/release/explanation';
import { explainContract } from '../core/release/explain-contract';
import { messageNames } from '../core/release/messages';
import { shownIn, type Shown } from '../core/release/shown';
import { newRelease, type JournalEntry, type ReleaseState } from '../core/release/state';
import { ask } from './ask';
import { ClientError } from './client-error';
import { readOrigin, type Origin } from './origin';
import { readReleaseId } from './release-id';
import { isObject, isObjectWith } from './shape';
import { call, type Temporal } from './temporal';

const isState = (value: unknown): value is ReleaseState =>
  isObjectWith(value, ['phase', 'requestedBy', 'stages', 'journal', 'gates', 'compensations']);
const isContract = (value: unknown): value is ContractState =>
  isObjectWith(value, ['phase', 'gate', 'parts', 'approvals', 'deadlineMs']);
const isPlan = (value: unknown): value is Plan =>
  isObjectWith(value, ['service', 'version', 'contractGate', 'contract']);

type Fields = { readonly [field: string]: unknown };
type Kind<S> = {
  readonly is: (value: unknown) => value is S;
  /** The state before any worker has begun with it. */
  readonly first: (input: Fields, found: WorkflowExecutionDescription) => unknown;
  /** What the memo leaves out where it is empty. */
  readonly empty: Fields;
};

const releases: Kind<ReleaseState> = {
  is: isState,
  first: ({ request }, { startTime }) => {
    const by = isObject(request) ? request['requestedBy'] : undefined;
    return newRelease(typeof by === 'string' ? by : 'unknown', startTime.getTime());
  },
  empty: newRelease('unknown', 0),
};

const contracts: Kind<ContractState> = {
  is: isContract,
  first: ({ sealed, requestedBy }, { startTime }) => {
    const plan = isObject(sealed) ? sealed['plan'] : undefined;
    if (!isPlan(plan) || typeof requestedBy !== 'string') return undefined;
    const { service, version, contractGate: gate, contract: effects } = plan;
    return newContract({ service, version, gate, effects, requestedBy }, startTime.getTime());
  },
  empty: { approvals: [], parts: [], seenIds: [] },
};

const mostKept = 50;

/** Reads releases from what Temporal holds of them, without a question to a worker: memo and, once a run, its history. */
export function createReads(temporal: Temporal) {
  /** Of each run what its history alone tells, which never changes. */
  const kept = new Map<string, Fields>();

  async function fromHistory(workflowId: string, runId: string, wanted: readonly string[]): Promise<Fields> {
    const known = kept.get(runId);
    if (known !== undefined && wanted.every((field) => field in known)) return known;
    const { fields } = await readOrigin(temporal, { workflowId, runId }, wanted);
    const oldest = kept.keys().next();
    if (kept.size >= mostKept && oldest.done !== true) kept.delete(oldest.value);
    kept.set(runId, fields);
    return fields;
  }

  async function shownState<S>(
    { is, empty }: Kind<S>,
    { fields, inHistory, inWorkflow }: Shown,
    { workflowId, runId }: WorkflowExecutionDescription,
  ): Promise<S | undefined> {
    if (inWorkflow.length > 0) return undefined;
    const rest = inHistory.length === 0 ? {} : await fromHistory(workflowId, runId, inHistory);
    const state = { ...empty, ...fields, ...rest };
    return inHistory.every((field) => field in rest) && is(state) ? state : undefined;
  }

  const describe = (workflowId: string): Promise<WorkflowExecutionDescription> => {
    readReleaseId(workflowId);
    return call(temporal, { workflowId }, () => temporal.client.workflow.getHandle(workflowId).describe());
  };

  /** What a run began with, while no worker has begun with it. */
  function firstState<S>(
    { is, first }: Kind<S>,
    { input }: Origin,
    found: WorkflowExecutionDescription,
  ): S | undefined {
    const { carried } = input;
    const state = isObject(carried) ? carried['state'] : first(input, found);
    return is(state) ? state : undefined;
  }

  async function read<S>(kind: Kind<S>, workflowId: string, found: WorkflowExecutionDescription): Promise<S> {
    const shown = shownIn(found.memo ?? {});
    const state = shown === undefined ? undefined : await shownState(kind, shown, found);
    if (state !== undefined) return state;
    // What an older version began and has not changed since, or what is too long for a memo, only the workflow can tell.
    const asked = await ask(temporal, workflowId, messageNames.state);
    if (kind.is(asked)) return asked;
    throw new ClientError('internal', `${workflowId} does not answer as a release of Spillway does.`);
  }

  /** The state of the newest run, with what else Temporal says of it. */
  async function look<S>(
    kind: Kind<S>,
    workflowId: string,
  ): Promise<{ readonly state: S; readonly found: WorkflowExecutionDescription }> {
    let found = await describe(workflowId);
    if (shownIn(found.memo ?? {}) === undefined) {
      const origin = await readOrigin(temporal, { workflowId, runId: found.runId }, []);
      const state = origin.isBegun ? undefined : firstState(kind, origin, found);
      if (state !== undefined) return { state, found };
      // It may have begun between the two answers.
      found = await describe(workflowId);
    }
    return { state: await read(kind, workflowId, found), found };
  }

  const state = async (workflowId: string): Promise<ReleaseState> => (await look(releases, workflowId)).state;
  return {
    state,
    /** The state with what else Temporal says of its run. */
    look: (workflowId: string) => look(releases, workflowId),
    planOf: async (workflowId: string): Promise<Plan | null> => (await state(workflowId)).sealed?.plan ?? null,
    journal: async (workflowId: string): Promise<readonly JournalEntry[]> => (await state(workflowId)).journal,
    explain: async (workflowId: string): Promise<Explanation> => explain(await state(workflowId)),
    /** Why a release or a contract is where it is; needs no history. */
    sentence: async (workflowId: string): Promise<string> => {
      const said = (await describe(workflowId)).memo?.['sentence'];
      if (typeof said === 'string') return said;
      return readReleaseId(workflowId).kind === 'release'
        ? explain(await state(workflowId)).sentence
        : explainContract((await look(contracts, workflowId)).state).sentence;
    },
    contractState: async (workflowId: string): Promise<ContractState> => (await look(contracts, workflowId)).state,
  };
}

export type Reads = ReturnType<typeof createReads>;
