import type { WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { untilReady } from '../../src/client/until-ready';

type Handle = Pick<WorkflowHandle, 'workflowId' | 'executeUpdate'>;

/** Sends an update as the client does: again where Temporal dropped it between two runs; only the message's id says that it is the same. */
export const tell = <R, M>(handle: Handle, update: UpdateDefinition<R, [M]>, message: M): Promise<R> =>
  untilReady(handle.workflowId, () => handle.executeUpdate(update, { args: [message] }));
