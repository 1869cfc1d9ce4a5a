import { createMemoryContract } from '../../src/adapters/contract/memory';
import { createMemoryMigrations } from '../../src/adapters/migrations/memory';
import { contractPortContract } from './contract';

contractPortContract('memory', () => {
  const database = createMemoryMigrations();
  return Promise.resolve({
    port: createMemoryContract(database),
    isApplied: (effect) => database.isApplied(effect),
    close: () => Promise.resolve(),
  });
});
