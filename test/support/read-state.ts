import type { Client } from '@temporalio/client';
import { createReads, type Reads } from '../../src/client/reads';

/** Reads releases as the client does, over a connection that a test has already. */
export const readsOf = (client: Client): Reads =>
  createReads({ client, settings: { address: 'the address', namespace: 'default', profile: 'none', connection: {} } });
