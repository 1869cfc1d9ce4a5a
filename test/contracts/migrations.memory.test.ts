import { createMemoryMigrations } from '../../src/adapters/migrations/memory';
import { migrationsContract } from './migrations';

// Each release starts from the same rows, so a backfill that begins anew changes the same batches.
migrationsContract('memory', () => {
  const port = createMemoryMigrations({ batches: [10, 10, 5] });
  return Promise.resolve({
    port,
    expectViolations: (path, count) => port.setViolations(path, count),
    expectLosses: (path, keys) => port.setLosses(path, keys),
    expectForms: (rule, forms) => port.setForms(rule, forms),
    expectLeftBehind: (path) => port.leaveBehind(path),
    close: () => port.close(),
  });
});
