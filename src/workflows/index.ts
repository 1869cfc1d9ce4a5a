export { contract } from './contract';
export { plan } from './plan';
export { reconcile } from './reconcile';
export { release } from './release';
