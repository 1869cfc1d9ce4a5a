import type { SpillwayClient } from '../client';
import type { Io } from './io';
import type { ReleaseOptions } from './read-options';

/** The workflow id of the release, or its service's contract, that a person named; `SPILLWAY_ENVIRONMENT` stands in for `--environment`. */
export async function resolveRelease(
  io: Io,
  client: SpillwayClient,
  { release, environment, contract = false }: ReleaseOptions,
): Promise<string> {
  const workflowId = await client.resolve(release, environment ?? (io.env['SPILLWAY_ENVIRONMENT'] || undefined));
  return contract ? client.newestContract(workflowId) : workflowId;
}
