import { createMemoryStore } from '../../src/adapters/store/memory';
import { storeContract } from './store';

storeContract('memory', () => {
  const port = createMemoryStore();
  return Promise.resolve({ port, close: () => port.close() });
});
