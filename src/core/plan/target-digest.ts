import { canonicalJson, sha256Hex } from '../canonical';
import type { Environment } from '../environment/schema';

/** Digest of where a target is. It holds references of secrets, not their values: rotating a secret changes nothing. */
export const targetDigest = (environment: Environment, name: string): string =>
  sha256Hex(canonicalJson(environment.targets[name] ?? null));
