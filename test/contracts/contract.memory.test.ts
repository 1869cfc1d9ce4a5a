import { createMemoryContract } from '../../src/adapters/contract/memory';
import { createMemoryMigrations } from '../../src/adapters/migrations/memory';
import { contractPortContract } from './contract';

contractPortContract('memory', () => {
  const { apply, undo, isApplied } = createMemoryMigrations();
  return Promise.resolve({
    port: createMemoryContract({ apply, undo, isApplied }),
    isApplied,
    close: () => Promise.resolve(),
  });
});
