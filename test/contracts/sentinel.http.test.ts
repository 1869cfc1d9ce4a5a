import { startSentinel } from '../support/sentinel';
import { sentinelContract } from './sentinel';

// Nobody answers there: leases are kept whether proxies answer or not.
sentinelContract('HTTP', async () => {
  const { port, pass, stop, close } = await startSentinel(['127.0.0.1:9']);
  return { port, pass, goAway: stop, close };
});
