import { PortError } from '../../ports/errors';
import type { ExposeStage } from '../../core/plan/stages';
import type { Ports } from '../ports';

type Run = { readonly workflowId: string; readonly runId: string | undefined };

/**
 * The last exposure that the release has begun. The server is asked only when the proxy shows the weight of a later one: a
 * gate is not opened by somebody who writes weights.
 */
export function createBegunStage(ports: Ports, run: Run, stages: readonly ExposeStage[], firstIndex: number) {
  let begun = firstIndex;
  let isAsking = false;
  let bug: { readonly error: unknown } | undefined;

  async function ask(): Promise<void> {
    try {
      const found = await ports.describeRun(run.workflowId, run.runId);
      const index = stages.findIndex(({ id }) => id === found?.stage);
      begun = Math.max(begun, index);
    } catch (error) {
      // While the server is away nobody begins a stage either.
      if (!(error instanceof PortError)) bug = { error };
    } finally {
      isAsking = false;
    }
  }

  return {
    index(): number {
      if (bug !== undefined) throw bug.error;
      return begun;
    },
    /** Asks beside the watch, which never waits for it. */
    askAgain(): void {
      if (isAsking) return;
      isAsking = true;
      void ask();
    },
  };
}
