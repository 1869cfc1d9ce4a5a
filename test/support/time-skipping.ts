import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Policy } from '../../src/core/policy/schema';
import { findTool } from '../../src/stack/tools';
import { startRig, type Rig } from './release-rig';

const keyword = 2; // INDEXED_VALUE_TYPE_KEYWORD of Temporal's API
const searchAttributes = Object.fromEntries(
  ['Service', 'Environment', 'Phase', 'Stage', 'Verdict'].map((name) => [`Spillway${name}`, keyword] as const),
);

export type SkippingRig = Rig & {
  /** The result of a workflow; time that nobody works in is skipped while it is waited for. */
  resultOf<T>(workflowId: string): Promise<T>;
  /** Lets so much time pass at once, and what is due in it happen. */
  skipTime(ms: number): Promise<void>;
  /** A promotion ends its watches by ending, which this server never notices: each would let time stand still for ever. */
  forgetWatches(count: number): Promise<void>;
};

/**
 * A server whose time skips. Its time is global, so tests that use it run one after the other;
 * time stands still while an activity runs, so nothing may be exposed while hours pass.
 */
export async function startTimeSkipping() {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: findTool('testServer') } },
  });
  await environment.connection.operatorService.addSearchAttributes({ searchAttributes, namespace: 'default' });
  return {
    async rig(policy?: Policy): Promise<SkippingRig> {
      const rig = await startRig(environment.nativeConnection, policy);
      return {
        ...rig,
        resultOf: <T>(workflowId: string) =>
          environment.client.workflow.getHandle<() => Promise<T>>(workflowId).result(),
        skipTime: (ms) => environment.sleep(ms),
        async forgetWatches(count) {
          for (let each = 0; each < count; each += 1) await environment.connection.testService?.unlockTimeSkipping({});
        },
      };
    },
    close: () => environment.teardown(),
  };
}
