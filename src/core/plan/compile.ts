import type { Descriptor } from '../descriptor/schema';
import type { Environment } from '../environment/schema';
import type { Policy } from '../policy/schema';
import type { Plan } from './plan';
import type { Refusal } from './refusal';

export type PlanSources = {
  readonly descriptor: Descriptor;
  /** Text of every file of the bundle, by its path relative to the descriptor. */
  readonly files: { readonly [path: string]: string };
  readonly environment: Environment;
  readonly policy: Policy;
};

export type CompiledPlan =
  { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Compiles bundle, environment and policy to a plan, or says everything that stands against it. */
export function compilePlan(_sources: PlanSources): CompiledPlan {
  throw new Error('not compiled yet');
}
