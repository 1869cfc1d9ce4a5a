import type { Environment } from '../core/environment/schema';
import { compilePlan } from '../core/plan/compile';
import { parsePolicy } from '../core/policy/parse';
import { judgeBundle } from '../sql/judge-bundle';
import { readEnvironmentFile } from '../descriptor-files/read-environment-file';
import { readPolicyFile } from '../descriptor-files/read-policy-file';
import type { Io } from './io';
import { sayIssues, type Packed } from './read-descriptor';

export type CompiledHere = { readonly compiled: ReturnType<typeof compilePlan>; readonly environment: Environment };

const noPolicy = 'apiVersion: spillway/v1\nkind: policy\nname: none\n';

/**
 * The plan under files of this machine, which may not be the worker's; without a policy file nothing is asked for.
 * Undefined after what is wrong with the files was said.
 */
export async function compileHere(
  io: Io,
  { packed, json }: { readonly packed: Packed; readonly json?: boolean | undefined },
  files: { readonly environmentFile: string; readonly policyFile: string | undefined },
): Promise<CompiledHere | undefined> {
  const environment = await readEnvironmentFile(files.environmentFile);
  const policy =
    files.policyFile === undefined ? parsePolicy(noPolicy, 'policy.yaml') : await readPolicyFile(files.policyFile);
  if (!environment.ok || !policy.ok) {
    const issues = [environment, policy].flatMap((parsed) => (parsed.ok ? [] : parsed.issues));
    return sayIssues(io, issues, json === true);
  }
  const { descriptor, texts } = packed;
  const sql = await judgeBundle({ descriptor, files: texts });
  const sources = { descriptor, files: texts, environment: environment.value, policy: policy.value, sql };
  return { compiled: compilePlan(sources), environment: environment.value };
}
