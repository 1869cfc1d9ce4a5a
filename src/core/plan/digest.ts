import { canonicalJson, sha256Hex } from '../canonical';
import type { Plan } from './plan';

/** The name of a plan: `sha256:…` over its canonical JSON. */
export function planDigest(plan: Plan): `sha256:${string}` {
  return `sha256:${sha256Hex(canonicalJson(plan))}`;
}
