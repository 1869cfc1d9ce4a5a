import { join } from 'node:path';
import { createFlagFile } from '../../src/adapters/flags/file';
import { createFlagdFile } from '../../src/adapters/flags/flagd';
import { createMemoryFlags } from '../../src/adapters/flags/memory';
import type { FlagsPort } from '../../src/ports/flags';
import { temporaryDirectory } from '../support/temporary-directory';
import { flagsContract, type FlagsSample } from './flags';

const inFile = (create: (path: string) => FlagsPort) => async () => {
  const directory = await temporaryDirectory();
  return { flags: create(join(directory.path, 'flags.json')), close: directory.remove };
};

const anything: FlagsSample = {
  values: [true, false, null, 0, '', 'dark', [1, 'a'], { percent: 5, tenants: ['a'] }],
};

flagsContract(
  'in a file',
  inFile((path) => createFlagFile({ path })),
  anything,
);

flagsContract(
  'in memory',
  () => Promise.resolve({ flags: createMemoryFlags(), close: () => Promise.resolve() }),
  anything,
);

flagsContract(
  'of flagd',
  inFile((path) => createFlagdFile({ path, tenantField: 'tenant' })),
  {
    values: [
      { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off' },
      {
        state: 'DISABLED',
        variants: { yes: true, no: false },
        defaultVariant: 'no',
        targeting: { if: [{ $ref: 'isInternal' }, 'yes', 'no'] },
        metadata: { owner: 'basket' },
        somethingNewer: [1],
      },
      { state: 'ENABLED', variants: { on: true, off: false }, targeting: {}, defaultVariant: null },
    ],
    short: [
      true,
      false,
      { percent: 5 },
      { tenants: ['a'] },
      { percent: 100, tenants: ['a', 'b'] },
      { versions: ['2.0.0'], tenants: ['a'] },
    ],
  },
);
