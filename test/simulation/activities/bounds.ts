import type { Task } from '../server/activity';

const undoes = /^(close|stop|restore(Configuration|Flag)|undo|prove)/;
const effectBoundMs = 60_000;
const undoBoundMs = 20_000;

/** How long an activity is tried again, as the fault interceptor of the workers bounds it. */
export function boundMs({ type }: Task): number {
  if (type === 'publish' || type === 'recordRole') return Infinity;
  return undoes.test(type) ? undoBoundMs : effectBoundMs;
}
