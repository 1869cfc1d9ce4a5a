import type { Haproxy } from '../../src/stack/haproxy';
import type { Bench } from '../bench';

export const proxyOf = ({ embedded }: Bench): Haproxy => {
  const [proxy] = embedded.stack.haproxy;
  if (proxy === undefined) throw new Error('the stack has no HAProxy');
  return proxy;
};
