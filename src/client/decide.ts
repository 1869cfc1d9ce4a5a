import { randomUUID } from 'node:crypto';
import {
  messageNames,
  type ChoiceMessage,
  type DataChoice,
  type Acknowledgement,
  type GateMessage,
  type PersonMessage,
  type StuckMessage,
} from '../core/release/messages';
import { withoutCredentials } from '../core/secrets/credential-shapes';
import type { UndoPreview } from '../core/release/undo-losses';
import { ClientError } from './client-error';
import { noWorker } from './faults';
import { listReleases } from './list';
import { readReleaseId } from './release-id';
import { call, type Temporal } from './temporal';
import { untilReady } from './until-ready';
import { hasWorker } from './workers';

/** Who and why; the id is made up when left out and makes a repeated message harmless. */
export type Person = { readonly by: string; readonly why: string; readonly id?: string };
export type GateDecision = Person & { readonly gate: string };
export type StuckDecision = Person & { readonly effect?: string | undefined };
export type ChoiceDecision = StuckDecision & { readonly choice: DataChoice };

type Update = 'approve' | 'reject' | 'pause' | 'resume' | 'retry' | 'continue' | 'waive' | 'chooseData';

/** A message as it is kept: what has the form of a credential is not, and it stops nobody from deciding. */
const signed = <T extends Person>({ id, why, ...rest }: T) => ({
  ...rest,
  why: withoutCredentials(why),
  id: id ?? randomUUID(),
});

async function update(
  temporal: Temporal,
  workflowId: string,
  name: Update,
  message: PersonMessage,
): Promise<Acknowledgement> {
  const { environment } = readReleaseId(workflowId);
  const handle = temporal.client.workflow.getHandle(workflowId);
  try {
    return await call(temporal, { workflowId }, () =>
      untilReady(workflowId, () =>
        handle.executeUpdate<Acknowledgement, [PersonMessage]>(messageNames[name], {
          args: [message],
          updateId: message.id,
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof ClientError && error.code === 'timed-out') || (await hasWorker(temporal, environment)))
      throw error;
    throw noWorker(environment, `nobody could take the ${name}, so it does not count`, error);
  }
}

const turnsToContract = ['refused', 'ended', 'not-found'];

/** The one open contract of a release's service, if there is one. */
async function openContract(temporal: Temporal, workflowId: string): Promise<string | undefined> {
  const { environment, service } = readReleaseId(workflowId);
  const found = await listReleases(temporal, { environment, service, kind: 'contract' });
  if (found.length > 1)
    throw new ClientError(
      'ambiguous',
      `Several contracts of ${service} are open; name one: ${found.map((row) => row.workflowId).join(', ')}.`,
    );
  return found[0]?.workflowId;
}

/** Tells the release, or its contract where the release cannot be meant; a refusal is the release's own. */
async function decide(
  temporal: Temporal,
  workflowId: string,
  name: Update,
  message: PersonMessage,
): Promise<Acknowledgement> {
  try {
    return await update(temporal, workflowId, name, message);
  } catch (error) {
    const isElsewhere = error instanceof ClientError && turnsToContract.includes(error.code);
    if (!isElsewhere || readReleaseId(workflowId).kind === 'contract') throw error;
    const contract = await openContract(temporal, workflowId);
    if (contract === undefined) throw error;
    // A gate of the release keeps the release's words; only what fits the contract goes there.
    if (error.code !== 'refused') return update(temporal, contract, name, message);
    return update(temporal, contract, name, message).catch(() => {
      throw error;
    });
  }
}

const asked = (message: ChoiceMessage): PersonMessage => message;

function stuck({ effect, ...person }: StuckDecision): StuckMessage {
  return { ...signed(person), ...(effect === undefined ? {} : { effect }) };
}

/** Updates of people: each resolves with the release's sentence, or rejects with the release's own reason. */
export const createDecisions = (temporal: Temporal) => ({
  approve: (workflowId: string, decision: GateDecision): Promise<Acknowledgement> =>
    decide(temporal, workflowId, 'approve', signed(decision) satisfies GateMessage),
  reject: (workflowId: string, decision: GateDecision): Promise<Acknowledgement> =>
    decide(temporal, workflowId, 'reject', signed(decision) satisfies GateMessage),
  pause: (workflowId: string, person: Person): Promise<Acknowledgement> =>
    update(temporal, workflowId, 'pause', signed(person)),
  resume: (workflowId: string, person: Person): Promise<Acknowledgement> =>
    update(temporal, workflowId, 'resume', signed(person)),
  retry: (workflowId: string, decision: StuckDecision): Promise<Acknowledgement> =>
    decide(temporal, workflowId, 'retry', stuck(decision)),
  continue: (workflowId: string, decision: StuckDecision): Promise<Acknowledgement> =>
    update(temporal, workflowId, 'continue', stuck(decision)),
  waive: (workflowId: string, decision: StuckDecision): Promise<Acknowledgement> =>
    decide(temporal, workflowId, 'waive', stuck(decision)),
  chooseData: (workflowId: string, { choice, ...decision }: ChoiceDecision): Promise<Acknowledgement> =>
    decide(temporal, workflowId, 'chooseData', asked({ ...stuck(decision), choice })),
  previewUndo: (workflowId: string): Promise<UndoPreview> =>
    call(temporal, { workflowId }, () =>
      untilReady(workflowId, () =>
        temporal.client.workflow.getHandle(workflowId).executeUpdate<UndoPreview, []>(messageNames.previewUndo),
      ),
    ),
});
