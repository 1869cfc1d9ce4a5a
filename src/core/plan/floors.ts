import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Policy } from '../policy/schema';
import type { Refuse } from './refusal';

/** Refuses what is less careful than the policy allows; each refusal names both numbers. */
export function checkFloors(descriptor: Descriptor, policy: Policy, refuse: Refuse): void {
  const { floors } = policy;
  const deny = (what: string, limit: string, fix: string): undefined =>
    refuse({ code: 'policy-floor', kind: 'denied', message: `${what}; policy \`${policy.name}\` ${limit}.`, fix });
  const { rollbackWindow } = descriptor.fullExposure;

  // Without steps the first exposure is everybody, whatever the holdback.
  const firstPercent = descriptor.stages[0]?.canaryPercent ?? 100;
  if (firstPercent > floors.maxFirstCanaryPercent) {
    deny(
      `The first exposure is ${firstPercent} %`,
      `allows at most ${floors.maxFirstCanaryPercent} %`,
      `Begin \`stages\` with a canaryPercent of ${floors.maxFirstCanaryPercent} or less.`,
    );
  }
  descriptor.stages.forEach(({ canaryPercent, bakeTime }, index) => {
    if (durationMs(bakeTime) >= durationMs(floors.minBakeTime)) return;
    deny(
      `Stage ${index + 1} (${canaryPercent} %) bakes for ${bakeTime}`,
      `asks for at least ${floors.minBakeTime}`,
      `Set \`bakeTime\` of that stage to ${floors.minBakeTime} or more.`,
    );
  });
  descriptor.cohorts.forEach(({ cohort, bakeTime }) => {
    if (durationMs(bakeTime) >= durationMs(floors.minBakeTime)) return;
    deny(
      `Cohort \`${cohort}\` bakes for ${bakeTime}`,
      `asks for at least ${floors.minBakeTime}`,
      `Set \`bakeTime\` of that step to ${floors.minBakeTime} or more.`,
    );
  });
  // Full exposure is a stage as well: its bake time is the rollback window.
  const leastWindow = longer(floors.minRollbackWindow, floors.minBakeTime);
  if (durationMs(rollbackWindow) < durationMs(leastWindow)) {
    deny(
      `The rollback window is ${rollbackWindow}`,
      `asks for at least ${leastWindow}`,
      `Set \`fullExposure.rollbackWindow\` to ${leastWindow} or more.`,
    );
  }
  if (durationMs(descriptor.noData.holdFor) > durationMs(floors.maxNoDataHold)) {
    deny(
      `Missing data holds the release for ${descriptor.noData.holdFor}`,
      `allows at most ${floors.maxNoDataHold}`,
      `Set \`noData.holdFor\` to ${floors.maxNoDataHold} or less.`,
    );
  }
}

function longer(a: string, b: string): string {
  return durationMs(a) >= durationMs(b) ? a : b;
}
