import type { Client } from '@temporalio/client';
import type { ConnectionSettings } from './connection-settings';
import { toClientError, type About } from './faults';

/** A connection to Temporal with what is needed to speak of it. */
export type Temporal = { readonly client: Client; readonly settings: ConnectionSettings };

const defaultWaitMs = 10_000;

/** Makes calls that end in time; every known fault becomes a {@link ClientError}. */
export async function call<T>(
  temporal: Temporal,
  about: About & { readonly waitMs?: number },
  rpc: () => Promise<T>,
): Promise<T> {
  try {
    return await temporal.client.withDeadline(Date.now() + (about.waitMs ?? defaultWaitMs), rpc);
  } catch (error) {
    throw toClientError(error, temporal.settings, about);
  }
}
