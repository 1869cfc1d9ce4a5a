export { contract } from './contract';
export { plan } from './plan';
export { release } from './release';
