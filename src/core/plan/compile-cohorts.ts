import type { CohortShare } from '../cohorts/members';
import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import type { Environment } from '../environment/schema';
import { plural } from '../plural';
import { findCohort, findProxy } from './find-cohort';
import type { Refuse } from './refusal';
import type { ExposeStage } from './stages';

type CohortStep = { readonly stage: ExposeStage; readonly gate?: string | undefined };

export type CohortSources = {
  readonly descriptor: Descriptor;
  readonly environment: Environment;
  /** The traffic target. */
  readonly target: string | undefined;
};

/** Whether the traffic target assigns users by their identity. */
export const isByIdentity = (sources: CohortSources): boolean => findProxy(sources)?.assignment === 'identity';

/** The stages that expose cohorts alone, each with everybody of the ones before: who got the canary keeps it. */
export function cohortSteps(sources: CohortSources, evidence: Evidence, refuse: Refuse): readonly CohortStep[] {
  const { descriptor, target = '' } = sources;
  if (descriptor.cohorts.length === 0) return [];
  const cohorts = findProxy(sources)?.cohorts;
  if (cohorts === undefined) {
    refuse({
      code: 'no-cohorts',
      kind: 'invalid',
      message: `The descriptor exposes cohorts, and target \`${target}\` of the environment knows none.`,
      fix: 'Take `cohorts` out of the descriptor, or have `cohorts` described at the target.',
    });
    return [];
  }
  let inside: readonly CohortShare[] = [];
  const attributes = new Set<string>();
  return descriptor.cohorts.flatMap(({ cohort, canaryPercent, bakeTime, minRequests, gate }, index): CohortStep[] => {
    const members = findCohort({ cohort, where: 'The descriptor exposes' }, cohorts, refuse);
    if (members === undefined) return [];
    const names = members.values.map((value) => `${members.attribute}/${value}`);
    attributes.add(members.attribute);
    if (attributes.size > 1) return refuseMixed(cohort, [...attributes], refuse);
    const grown = join(inside, names, canaryPercent);
    if (isSame(grown, inside)) return refuseNothingNew(cohort, index, canaryPercent, refuse);
    inside = grown;
    const who = `cohort \`${cohort}\` (${plural(names.length, members.attribute)})`;
    const share = canaryPercent === 100 ? '' : `${canaryPercent} % of `;
    return [
      {
        stage: {
          kind: 'expose',
          id: `expose-${cohort}-${canaryPercent}`,
          title: `Send ${share}${who} to the canary`,
          canaryPercent: 0,
          cohorts: grown,
          bakeMs: durationMs(bakeTime),
          ...evidence(minRequests),
          isFull: false,
        },
        gate,
      },
    ];
  });
}

type Evidence = (minRequests: number | undefined) => Pick<ExposeStage, 'minRequests' | 'needsProof'>;

/** Who got the canary before everybody's share began keeps it, and gets no less than everybody. */
export const keepCohorts = (
  steps: readonly CohortStep[],
  canaryPercent: number,
): Pick<ExposeStage, 'cohorts'> | object => {
  const inside = steps.at(-1)?.stage.cohorts;
  if (inside === undefined) return {};
  return {
    cohorts: inside.map(({ member, canaryPercent: own }) => ({ member, canaryPercent: Math.max(own, canaryPercent) })),
  };
};

function join(inside: readonly CohortShare[], names: readonly string[], canaryPercent: number): readonly CohortShare[] {
  const shares = new Map(inside.map((each) => [each.member, each.canaryPercent] as const));
  for (const name of names) shares.set(name, Math.max(shares.get(name) ?? 0, canaryPercent));
  return [...shares]
    .map(([member, percent]) => ({ member, canaryPercent: percent }))
    .sort((one, other) => (one.member < other.member ? -1 : 1));
}

const isSame = (one: readonly CohortShare[], other: readonly CohortShare[]): boolean =>
  one.length === other.length && one.every((each, index) => each.canaryPercent === other[index]?.canaryPercent);

function refuseMixed(cohort: string, attributes: readonly string[], refuse: Refuse): never[] {
  refuse({
    code: 'overlapping-cohorts',
    kind: 'invalid',
    message: `Cohort \`${cohort}\` goes by ${attributes.at(-1)}, and the ones before by ${attributes[0]}: a user may be inside by one and outside by the other, so nobody could say who must not see the canary.`,
    fix: 'Let all cohorts of a release go by the same attribute.',
  });
  return [];
}

function refuseNothingNew(cohort: string, index: number, percent: number, refuse: Refuse): never[] {
  refuse({
    code: 'cohort-exposed-before',
    kind: 'invalid',
    message: `Step ${index + 1} of \`cohorts\` (${cohort}, ${percent} %) exposes nobody who was not exposed before: exposure must grow.`,
    fix: 'Take the step out, or write a larger canaryPercent.',
  });
  return [];
}
