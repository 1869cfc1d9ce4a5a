import type { Descriptor } from '../descriptor/schema';
import { durationMs } from '../duration';
import { knownNames } from '../nearest-name';
import type { Policy } from '../policy/schema';
import { cohortSteps, isByIdentity, keepCohorts, type CohortSources } from './compile-cohorts';
import type { Effect } from './effects';
import { isOpening } from './following-flag';
import { compileGate, isAsStrict, policyGatePrefix, requiredGate } from './gates';
import type { Invariant } from './plan';
import type { ReconcileRule } from './reconcile';
import type { Refuse } from './refusal';
import type { ExposeStage, GateRule, Stage } from './stages';

type ExposureStep = { readonly stage: ExposeStage; readonly gate?: string | undefined };

type StageSources = CohortSources & {
  readonly policy: Policy;
  readonly effects: readonly Effect[];
  readonly invariants: readonly Invariant[];
  readonly reconcile?: readonly ReconcileRule[];
};

/** All stages in the order in which they run; preparations without content are left out. */
export function compileStages(sources: StageSources, refuse: Refuse): readonly Stage[] {
  const { descriptor, effects, invariants, reconcile = [] } = sources;
  return [
    ...preparations(effects, { invariants, reconcile }, descriptor.version),
    { kind: 'check', id: 'check', title: 'Check the canary before any user is sent to it' },
    ...withSwitch(exposures(sources, refuse), effects),
    // Before the window closes: from there on nothing turns the release back.
    ...(reconcile.length === 0
      ? []
      : [{ kind: 'verify', id: 'reconcile', title: 'Reconcile old and new form of the data', effects: [] } as const]),
    ...openings(effects),
    { kind: 'promote', id: 'promote', title: 'Promote: the slots change roles' },
  ];
}

/** The last thing before the promotion: from there on every request is served by the version that the flags were for. */
function openings(effects: readonly Effect[]): readonly Stage[] {
  const keys = effects.filter(isOpening).map(({ key }) => key);
  if (keys.length === 0) return [];
  return [
    { kind: 'apply', id: 'open-flags', title: 'Give everybody the flags that followed the traffic', effects: keys },
  ];
}

function preparations(
  effects: readonly Effect[],
  { invariants, reconcile }: Required<Pick<StageSources, 'invariants' | 'reconcile'>>,
  version: string,
): readonly Stage[] {
  const keys = (isWanted: (effect: Effect) => boolean): readonly string[] =>
    effects.filter(isWanted).map((effect) => effect.key);
  const apply = (id: string, title: string, wanted: readonly string[]): readonly Stage[] =>
    wanted.length === 0 ? [] : [{ kind: 'apply', id, title, effects: wanted }];
  const checked = keys((effect) => effect.kind === 'migrate' && effect.part !== 'switch' && effect.check !== undefined);
  const verify: readonly Stage[] =
    checked.length === 0 && invariants.length === 0 && reconcile.length === 0
      ? []
      : [{ kind: 'verify', id: 'verify', title: 'Verify schema and data', effects: checked }];
  return [
    ...apply(
      'expand',
      'Expand the schema',
      keys((effect) => effect.kind === 'migrate' && effect.part === 'expand'),
    ),
    ...apply(
      'backfill',
      'Backfill the data',
      keys((effect) => effect.kind === 'migrate' && effect.part === 'backfill'),
    ),
    ...apply(
      'index',
      'Build the indexes',
      keys((effect) => effect.kind === 'migrate' && effect.part === 'index'),
    ),
    ...verify,
    ...apply(
      'configure',
      'Set configuration and flags',
      keys((effect) => effect.kind === 'configure' || (effect.kind === 'flag' && !isOpening(effect))),
    ),
    ...apply(
      'deploy',
      `Deploy ${version} into the free slot`,
      keys((effect) => effect.kind === 'deploy'),
    ),
  ];
}

/** The switch comes last before everybody is sent to the canary, behind every gate: its undo waits for fewer people then. */
function withSwitch(stages: readonly Stage[], effects: readonly Effect[]): readonly Stage[] {
  const switches = effects.filter((effect) => effect.kind === 'migrate' && effect.part === 'switch');
  if (switches.length === 0) return stages;
  const checked = switches.filter((effect) => effect.kind === 'migrate' && effect.check !== undefined);
  const keysOf = (wanted: readonly Effect[]): readonly string[] => wanted.map(({ key }) => key);
  return stages.flatMap((stage): readonly Stage[] =>
    stage.kind === 'expose' && stage.isFull
      ? [
          { kind: 'apply', id: 'switch', title: 'Switch to the new form', effects: keysOf(switches) },
          {
            kind: 'verify',
            id: 'verify-switch',
            title: 'Verify schema and data after the switch',
            effects: keysOf(checked),
          },
          stage,
        ]
      : [stage],
  );
}

function exposures(sources: StageSources, refuse: Refuse): readonly Stage[] {
  const { descriptor, policy } = sources;
  const steps = exposureSteps(sources, refuse);
  refuseDecrease(steps, refuse);
  refuseReservedNames(descriptor, refuse);
  const gates = new Map(Object.entries(descriptor.gates));
  const added = policyGates(steps, gates, policy, refuse);
  const usedNames = new Set<string>();
  // One gate may stand before two stages: each wait has a name of its own, so that no approval opens both.
  const gateStage = (rule: GateRule, before: ExposeStage): Stage => {
    const name = freeName(usedNames.has(rule.name) ? `${rule.name}-${before.id}` : rule.name, usedNames);
    return { kind: 'gate', id: `gate-${name}`, title: `Wait for approval \`${name}\``, gate: { ...rule, name } };
  };
  return steps.flatMap(({ stage, gate }): readonly Stage[] => {
    const own = gate === undefined ? undefined : gates.get(gate);
    if (gate !== undefined && own === undefined) refuseUnknownGate(gate, stage, [...gates.keys()], refuse);
    const rules = [
      ...(gate === undefined || own === undefined ? [] : [compileGate(gate, own, policy, refuse)]),
      ...(added.get(stage.id) ?? []),
    ];
    return [...rules.map((rule) => gateStage(rule, stage)), stage];
  });
}

/** A proof by fewer requests than these rests on chance. */
const leastRequests = 200;

/** Where nobody says how many requests are enough, they are enough when they prove every limit. */
const evidenceAsked = (minRequests: number | undefined): Pick<ExposeStage, 'minRequests' | 'needsProof'> =>
  minRequests === undefined ? { minRequests: leastRequests, needsProof: true } : { minRequests };

function exposureSteps(sources: StageSources, refuse: Refuse): readonly ExposureStep[] {
  const { stages, fullExposure } = sources.descriptor;
  const fullPercent = 100 - fullExposure.holdbackPercent;
  const window = fullExposure.rollbackWindow;
  const cohorts = cohortSteps(sources, evidenceAsked, refuse);
  const byIdentity = isByIdentity(sources) ? { isByIdentity: true } : {};
  return [
    ...cohorts,
    ...stages.map(({ canaryPercent, bakeTime, minRequests, gate, maxUserMinutes }): ExposureStep => ({
      stage: {
        kind: 'expose',
        id: `expose-${canaryPercent}`,
        title: `Send ${canaryPercent} % of requests to the canary`,
        canaryPercent,
        bakeMs: durationMs(bakeTime),
        ...keepCohorts(cohorts, canaryPercent),
        ...byIdentity,
        ...evidenceAsked(minRequests),
        isFull: false,
        ...(maxUserMinutes === undefined ? {} : { maxUserMinutes }),
      },
      gate,
    })),
    {
      stage: {
        kind: 'expose',
        id: 'expose-full',
        title: `Full exposure (${fullPercent} %) with the rollback window open`,
        canaryPercent: fullPercent,
        ...keepCohorts(cohorts, fullPercent),
        ...byIdentity,
        bakeMs: durationMs(window),
        ...evidenceAsked(fullExposure.minRequests),
        isFull: true,
        ...(fullExposure.maxUserMinutes === undefined ? {} : { maxUserMinutes: fullExposure.maxUserMinutes }),
      },
      gate: fullExposure.gate,
    },
  ];
}

/**
 * The gates that the policy adds, by the stage they stand before. A requirement is about the first exposure at or above
 * its share (full exposure counts as 100 %, and a cohort as what its users get); the descriptor meets it only with a gate right
 * before that very stage.
 */
function policyGates(
  steps: readonly ExposureStep[],
  gates: ReadonlyMap<string, Descriptor['gates'][string]>,
  policy: Policy,
  refuse: Refuse,
): ReadonlyMap<string, readonly GateRule[]> {
  const added = new Map<string, readonly GateRule[]>();
  const names = new Set<string>();
  for (const required of policy.requiredGates) {
    const percent = required.beforeCanaryPercent;
    const step = steps.find(({ stage }) => stage.isFull || greatestPercent(stage) >= percent);
    if (step === undefined || isAsStrict(gates.get(step.gate ?? ''), required)) continue;
    const name = freeName(`${policyGatePrefix}${percent}`, names);
    const rule = requiredGate(required, name, policy, refuse);
    added.set(step.stage.id, [...(added.get(step.stage.id) ?? []), rule]);
  }
  return added;
}

const greatestPercent = ({ canaryPercent, cohorts = [] }: ExposeStage): number =>
  Math.max(canaryPercent, ...cohorts.map((each) => each.canaryPercent));

function freeName(name: string, used: Set<string>): string {
  let free = name;
  for (let count = 2; used.has(free); count += 1) free = `${name}-${count}`;
  used.add(free);
  return free;
}

function refuseDecrease(steps: readonly ExposureStep[], refuse: Refuse): void {
  steps.forEach(({ stage }, index) => {
    const before = steps[index - 1]?.stage;
    // A last step as large as full exposure is allowed: the window then only opens.
    // What cohorts are exposed to is compared where they are.
    if (before === undefined || stage.canaryPercent === 0 || before.canaryPercent < stage.canaryPercent) return;
    if (stage.isFull && before.canaryPercent === stage.canaryPercent) return;
    refuse({
      code: 'decreasing-exposure',
      kind: 'invalid',
      message: `${stage.isFull ? 'Full exposure' : `Stage ${index + 1}`} has ${stage.canaryPercent} %, and the stage before it ${before.canaryPercent} %: exposure must grow.`,
      fix: 'Order `stages` by canaryPercent, smallest first, all of them below 100 less the holdback.',
    });
  });
}

function refuseReservedNames({ gates }: Descriptor, refuse: Refuse): void {
  for (const name of Object.keys(gates).filter((gate) => gate.startsWith(policyGatePrefix))) {
    refuse({
      code: 'reserved-gate-name',
      kind: 'invalid',
      message: `Gate \`${name}\` begins with \`${policyGatePrefix}\`, which is kept for gates that the policy adds.`,
      fix: 'Give the gate another name.',
    });
  }
}

function refuseUnknownGate(gate: string, stage: ExposeStage, known: readonly string[], refuse: Refuse): void {
  refuse({
    code: 'unknown-gate',
    kind: 'invalid',
    message: `The stage at ${stage.canaryPercent} % waits for gate \`${gate}\`, which \`gates\` does not have. ${knownNames(gate, known)}`,
    fix: `Add \`${gate}\` under \`gates\`, or correct the name.`,
  });
}
