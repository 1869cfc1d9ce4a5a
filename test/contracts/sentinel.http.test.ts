import { startSentinel } from '../support/sentinel';
import { sentinelContract } from './sentinel';

// Nobody answers there: leases are kept whether proxies answer or not.
sentinelContract('HTTP', async () => {
  const sentinel = await startSentinel(['127.0.0.1:9']);
  return { ...sentinel, goAway: () => sentinel.stop() };
});
