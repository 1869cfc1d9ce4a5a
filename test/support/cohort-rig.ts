import { askUsers, slotsAt, untilUsersHave, type Shares } from './ask-users';
import { startRealRig, type RealRig } from './real-release';

type Proxy = RealRig['embedded']['stack']['haproxy'][number];

/** Real systems with cohorts, whose HAProxy keeps its state, and how to ask what each user gets. */
export type CohortRig = RealRig & {
  readonly proxy: Proxy;
  /** Which slot each user gets now. */
  ask(): ReturnType<typeof askUsers>;
  /** Waits until the shares are so. */
  untilUsersHave(shares: Shares): Promise<true>;
};

/** Which slot each user gets where nobody is on the canary. */
export const everybodyBack = slotsAt({ percent: 0 });

export async function startCohortRig(): Promise<CohortRig> {
  const rig = await startRealRig({ hasCohorts: true, keepsState: true, requestsPerSecond: 40 });
  const [proxy] = rig.embedded.stack.haproxy;
  if (proxy === undefined) {
    await rig.close();
    throw new Error('the stack has no proxy');
  }
  return {
    ...rig,
    proxy,
    ask: () => askUsers(proxy.trafficUrl),
    untilUsersHave: (shares) => untilUsersHave(proxy.trafficUrl, shares),
  };
}
