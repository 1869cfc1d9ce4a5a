import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { openBundle } from '../core/descriptor/bundle';
import { formatIssue } from '../core/descriptor/issue';
import { sealPlan } from '../core/evidence/seal';
import { compilePlan } from '../core/plan/compile';
import type { Refusal } from '../core/plan/refusal';
import type { SealedPlan } from '../core/plan/plan';
import { releaseWorkflowId, type StartRequest } from '../core/release/messages';
import { judgeBundle } from '../sql/judge-bundle';
import { pairSettings } from './combinations';
import type { Ports } from './ports';
import { settleRotations } from './rotations';

export type CompileInput = { readonly request: StartRequest; readonly workflowId: string; readonly firstRunId: string };
export type CompileResult =
  { readonly ok: true; readonly sealed: SealedPlan } | { readonly ok: false; readonly refusals: readonly Refusal[] };

const isRelease = (workflowId: string): boolean => workflowId.startsWith('release/');

const isRequest = (request: unknown): request is StartRequest =>
  typeof request === 'object' &&
  request !== null &&
  'bundle' in request &&
  typeof request.bundle === 'object' &&
  request.bundle !== null;

// Temporal takes 2 MB a message; a release that goes on in a new run carries its bundle, its plan and what it did.
const mostSealedCharacters = 1_100_000;

const tooLarge = (size: number): Refusal => ({
  code: 'invalid-bundle',
  kind: 'invalid',
  message: `The sealed plan has ${size} characters, more than the ${mostSealedCharacters} that Temporal can carry through a release; SQL counts twice.`,
  fix: 'Split the migrations into several releases, or move data out of the SQL files.',
});

/** Compiles a bundle under this worker's own environment and policy, and seals the plan: nobody else can. */
export const createCompileActivities = (ports: Ports) => ({
  compileRelease: async ({ request, workflowId, firstRunId }: CompileInput): Promise<CompileResult> => {
    // A seal binds to the run that asks for it: nobody gets one that fits the run of somebody else.
    const caller = Context.current().info.workflowExecution;
    if (caller?.workflowId !== workflowId)
      throw ApplicationFailure.nonRetryable(
        `${caller?.workflowId} may not have a plan sealed for ${workflowId}.`,
        'SealBroken',
      );
    if (!isRequest(request))
      throw ApplicationFailure.nonRetryable(
        'The release was started without a bundle; start it by `spillway start`.',
        'InvalidDescriptor',
      );
    const opened = openBundle(request.bundle);
    if (!opened.ok) {
      const refusals = opened.issues.map((issue): Refusal => ({
        code: 'invalid-bundle',
        kind: 'invalid',
        message: formatIssue(issue),
        fix: issue.fix,
      }));
      return { ok: false, refusals };
    }
    // Whoever starts a release may have judged the files already; only this worker's judgement counts.
    const sql = await judgeBundle(opened.value);
    const compiled = compilePlan({ ...opened.value, environment: ports.environment, policy: ports.policy, sql });
    if (!compiled.ok) return { ok: false, refusals: compiled.refusals };
    const { service } = compiled.plan;
    // The id of a release is its lock: a plan for another service would run beside that service's own releases.
    if (isRelease(workflowId) && workflowId !== releaseWorkflowId(ports.environment.name, service)) {
      const refusal: Refusal = {
        code: 'unknown-service',
        kind: 'invalid',
        message: `${workflowId} was started with a descriptor of ${service} in ${ports.environment.name}: the id must name both.`,
        fix: 'Start it by `spillway start`, which makes the id from the descriptor.',
      };
      return { ok: false, refusals: [refusal] };
    }
    const settled = await settleRotations(ports, compiled.plan);
    if (!settled.ok) return { ok: false, refusals: settled.refusals };
    const paired = await pairSettings(ports, settled.plan);
    if (!paired.ok) return { ok: false, refusals: paired.refusals };
    const sealed = sealPlan(ports.sealKey, paired.plan, {
      environment: ports.environment.name,
      workflowId,
      firstRunId,
    });
    const size = JSON.stringify(sealed).length;
    if (size > mostSealedCharacters) return { ok: false, refusals: [tooLarge(size)] };
    if (request.expectPlan !== undefined && request.expectPlan !== sealed.seal.planDigest) {
      const message = `The plan is ${sealed.seal.planDigest}, expected ${request.expectPlan}: bundle, environment, policy or the present flags and configuration changed since it was looked at, or another release was promoted.`;
      return {
        ok: false,
        refusals: [
          {
            code: 'plan-changed',
            kind: 'denied',
            message,
            fix: 'Read `spillway plan` again and start with its digest.',
          },
        ],
      };
    }
    return { ok: true, sealed };
  },
});
