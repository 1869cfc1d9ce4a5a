import { describeMembers } from '../cohorts/members';
import type { Slots } from '../plan/effects';
import type { Plan } from '../plan/plan';
import type { Refusal } from '../plan/refusal';
import { capacityGap } from './capacity';
import type { SlotWorld, World } from './snapshot';

export type AtRest =
  { readonly ok: true; readonly roles: Slots } | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** A baseline that fails so often cannot tell a good canary from a bad one. */
const mostBaselineErrors = 0.2;
const leastRequests = 20;

const denied = (code: Refusal['code'], message: string, fix: string): Refusal => ({
  code,
  kind: 'denied',
  message,
  fix,
});

type Served = { readonly [slot in Slots['baseline']]: Pick<SlotWorld, 'weight' | 'state'> };

/** Which slot serves; undefined unless exactly one does. */
export function rolesOf(slots: Served): Slots | undefined {
  const serves = (slot: 'blue' | 'green'): boolean => slots[slot].weight > 0 && slots[slot].state === 'ready';
  if (serves('blue') && !serves('green')) return { baseline: 'blue', canary: 'green' };
  if (serves('green') && !serves('blue')) return { baseline: 'green', canary: 'blue' };
  return undefined;
}

const describeSplit = ({ slots: { blue, green } }: World): string =>
  `blue ${blue.weight} % ${blue.state}, green ${green.weight} % ${green.state}`;

function brokenInvariants(world: World): readonly Refusal[] {
  return Object.entries(world.invariants)
    .filter(([, rows]) => rows > 0)
    .map(([id, rows]) =>
      denied(
        'invariant-broken',
        `Data invariant ${id} returns ${rows} rows before anything was changed: it could not tell what this release breaks.`,
        'Mend the data or the query, then start again.',
      ),
    );
}

/** Whether the targets are at rest, and which slot serves: read back, never assumed. */
export function atRest(plan: Plan, world: World): AtRest {
  const roles = rolesOf(world.slots);
  if (roles === undefined) {
    const message = `${plan.targets.traffic}: exactly one slot must serve before a release, found ${describeSplit(world)}.`;
    return {
      ok: false,
      refusals: [
        denied(
          'not-at-rest',
          message,
          'Bring all traffic to the slot in service (`spillway doctor` shows the split), then start again.',
        ),
      ],
    };
  }
  if (world.members !== undefined)
    return {
      ok: false,
      refusals: [
        denied(
          'not-at-rest',
          `${plan.targets.traffic}: somebody is sent by shares of their own although no release runs${describeMembers(world.members)}.`,
          "Empty the map of members (`clear map FILE` at HAProxy's socket, and the file), then start again.",
        ),
      ],
    };
  const baseline = world.slots[roles.baseline];
  const { requests, bad, isDown } = world.baselineErrors;
  const gap = capacityGap(baseline, { percent: 100, loadRps: world.loadRps });
  const refusals = [
    ...(baseline.running
      ? []
      : [
          denied(
            'baseline-not-running',
            `${plan.targets.deployer}: nothing runs in ${roles.baseline}, the slot that serves.`,
            'Deploy the version in service into it, then start again.',
          ),
        ]),
    ...(gap !== undefined
      ? [
          denied(
            'baseline-under-capacity',
            `${plan.targets.deployer}: ${roles.baseline} serves and ${gap}. Users could not go back to it.`,
            'Give it its capacity back, then start again.',
          ),
        ]
      : []),
    ...(requests >= leastRequests && bad / requests > mostBaselineErrors
      ? [
          denied(
            'baseline-unhealthy',
            `The baseline fails ${bad} of ${requests} requests: nothing could be compared with it.`,
            'Mend the version in service first.',
          ),
        ]
      : []),
    ...(isDown === true
      ? [
          denied(
            'baseline-unhealthy',
            `${plan.targets.traffic}: the health checks of the proxy find ${roles.baseline}, the slot that serves, down.`,
            'Mend the version in service first.',
          ),
        ]
      : []),
    ...brokenInvariants(world),
  ];
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, roles };
}
