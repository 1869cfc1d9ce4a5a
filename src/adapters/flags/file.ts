import type { FlagsPort } from '../../ports/flags';
import { createFlagsInFile, type FlagFileOptions } from './json-file';

/** Feature flags in a file of our own: a flag is any JSON value, and what it means is between the file and who reads it. */
export const createFlagFile = (options: FlagFileOptions): FlagsPort =>
  createFlagsInFile({ check: () => undefined, foretell: (_, { value }) => value }, options);
