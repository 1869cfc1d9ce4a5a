import type { SpillwayClient } from '../client';
import type { Io } from './io';
import type { ReleaseOptions } from './read-options';

/** The workflow id of the release a person named; `SPILLWAY_ENVIRONMENT` stands in for `--environment`. */
export const resolveRelease = (
  io: Io,
  client: SpillwayClient,
  { release, environment }: ReleaseOptions,
): Promise<string> => client.resolve(release, environment ?? (io.env['SPILLWAY_ENVIRONMENT'] || undefined));
