import { createMemoryTraffic } from '../../src/adapters/traffic/memory';
import { trafficContract } from './traffic';

trafficContract('memory', () => {
  const port = createMemoryTraffic();
  const done = () => Promise.resolve();
  return Promise.resolve({
    port,
    serve: (slot, requests, bad) => done().then(() => port.serve(slot, requests, bad)),
    hold: async (slot, requests) => {
      await done();
      port.holdSessions(slot, requests);
      return () => done().then(() => port.holdSessions(slot, 0));
    },
    failHealth: (slot) => done().then(() => port.checkHealth(slot, true)),
    restart: () => done().then(() => port.restart()),
    disagree: (split) => done().then(() => port.disagree(split)),
    files: () => done().then(() => []),
    async lockFiles() {
      await done();
      port.lockFile(true);
      return () => done().then(() => port.lockFile(false));
    },
    goAway: () => done().then(() => port.refuse('TargetUnavailable')),
    close: done,
  });
});
