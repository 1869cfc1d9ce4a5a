import type { Descriptor } from '../descriptor/schema';
import { durationMs, formatDuration } from '../duration';
import { whatCrashDoes } from '../environment/state-files';
import type { Environment } from '../environment/schema';
import type { Effect } from './effects';
import type { Plan } from './plan';
import { isShareRule } from './share-rule';
import type { ExposeStage } from './stages';
import { sentinelsOf } from './target-digest';

/** A bake time that sees fewer scrapes than this says little. */
const leastScrapes = 3;

type WarningSources = {
  readonly plan: Omit<Plan, 'warnings' | 'rollback'>;
  readonly descriptor: Descriptor;
  readonly environment: Environment;
};

/** Sentences a person should read before the start: what is not guarded, and what cannot be undone. */
export function compileWarnings({ plan, descriptor, environment }: WarningSources): readonly string[] {
  const exposures = plan.stages.filter((stage) => stage.kind === 'expose');
  return [
    ...aboutHoldback(exposures, plan),
    ...aboutMetrics(plan),
    ...aboutScrapes(exposures, plan, environment),
    ...aboutMigrations(plan),
    ...aboutContract(plan.contract),
    ...aboutNoData(plan),
    ...aboutSentinels(plan, environment),
    ...aboutStateFiles(plan, environment),
    ...aboutUnusedGates(descriptor),
    ...aboutNotSecret(descriptor),
  ];
}

function aboutHoldback(exposures: readonly ExposeStage[], { metrics }: WarningSources['plan']): readonly string[] {
  const full = exposures.find((stage) => stage.isFull);
  if (full === undefined || full.canaryPercent < 100) return [];
  const last = exposures.filter((stage) => !stage.isFull).at(-1);
  const isRelative = metrics.some(
    (metric) => metric.kind === 'compared' || (isShareRule(metric) && metric.limit.kind !== 'absolute'),
  );
  if (last !== undefined) {
    return [
      `Full exposure keeps no holdback: in the rollback window the canary is compared with the baseline's rates frozen at ${last.id}.`,
    ];
  }
  return isRelative
    ? [
        'Full exposure keeps no holdback and no stage comes before it: limits relative to the baseline have nothing to compare with.',
      ]
    : [];
}

function aboutMetrics({ metrics }: WarningSources['plan']): readonly string[] {
  if (metrics.length === 0)
    return ['No metric is declared: nothing but checks, gates and people can stop this release.'];
  return [
    ...(metrics.some((metric) => metric.guardrail)
      ? []
      : ['No metric is a guardrail: no metric alone can roll this release back.']),
    ...metrics.flatMap(({ name, owner }) =>
      owner === undefined || owner.people.length > 0
        ? []
        : [`Metric ${name} is owned by ${owner.role}, a role that the policy gives to nobody: no person is named.`],
    ),
    ...(metrics.some((metric) => metric.kind !== 'proxy-errors')
      ? []
      : ["No metric reads Prometheus: the release is judged by the proxy's own counters alone."]),
  ];
}

function aboutScrapes(
  exposures: readonly ExposeStage[],
  { targets }: WarningSources['plan'],
  environment: Environment,
): readonly string[] {
  return targets.metrics.flatMap((name) => {
    const target = environment.targets[name];
    if (target?.kind !== 'prometheus') return [];
    const leastMs = leastScrapes * durationMs(target.scrapeInterval);
    return exposures
      .filter((stage) => stage.bakeMs < leastMs)
      .map(
        (stage) =>
          `${stage.id} bakes for ${formatDuration(stage.bakeMs)}, less than ${leastScrapes} scrapes of ${name} (${formatDuration(leastMs)}): expect it to hold for evidence.`,
      );
  });
}

function aboutMigrations({
  effects,
  contract,
  invariants,
  dataStewards = [],
}: WarningSources['plan']): readonly string[] {
  const migrations = effects.filter((effect) => effect.kind === 'migrate');
  return [
    ...migrations.flatMap(({ key, undo }) => ('skip' in undo ? [`${key} is not undone: ${undo.skip}`] : [])),
    // An index is checked by its build: it is valid, or it is not there.
    ...migrations.flatMap(({ key, part, check }) =>
      check === undefined && part !== 'index' ? [`${key} has no check of its own.`] : [],
    ),
    ...migrations.flatMap(({ key, part, undo, losses }) =>
      'skip' in undo || losses !== undefined || part === 'index'
        ? []
        : [`The undo of ${key} is not checked for loss: rows it cannot keep go without a word.`],
    ),
    ...(migrations.some(({ losses }) => losses !== undefined) && dataStewards.length === 0
      ? ['No data steward is named: rows that an undo would lose hold the rollback, and nobody may let them go.']
      : []),
    ...(migrations.length + contract.length > 0 && invariants.length === 0
      ? ['Migrations are planned and no data invariant is declared: lost or damaged rows would not be noticed.']
      : []),
  ];
}

function aboutContract(contract: readonly Effect[]): readonly string[] {
  return contract.length === 0
    ? []
    : [
        `Contract is planned (${contract.map((effect) => effect.key).join(', ')}): after the rollback window and with its own approval the old form is renamed, later dropped, and from the drop on there is no way back.`,
      ];
}

function aboutNoData({ noData }: WarningSources['plan']): readonly string[] {
  return noData.then === 'hold'
    ? [
        `Missing data never rolls back: after ${formatDuration(noData.holdForMs)} the release goes on holding until a person acts.`,
      ]
    : [];
}

function aboutSentinels({ targets }: WarningSources['plan'], environment: Environment): readonly string[] {
  return sentinelsOf(environment, targets.traffic).length > 0
    ? []
    : [`No sentinel guards ${targets.traffic}: nothing closes the gate when the engine is dead.`];
}

function aboutStateFiles({ targets }: WarningSources['plan'], { targets: known }: Environment): readonly string[] {
  const target = known[targets.traffic];
  return target?.kind === 'haproxy' && target.stateFiles === 'none'
    ? [`${targets.traffic} keeps no state file (stateFiles: none): ${whatCrashDoes}.`]
    : [];
}

function aboutUnusedGates({ gates, stages, fullExposure }: Descriptor): readonly string[] {
  const used = new Set([...stages.map((stage) => stage.gate), fullExposure.gate]);
  return Object.keys(gates)
    .filter((gate) => !used.has(gate))
    .map((gate) => `Gate ${gate} is declared and no stage waits for it.`);
}

const aboutNotSecret = ({ notSecret }: Descriptor): readonly string[] =>
  notSecret.map(({ at, because }) => `What stands at ${at} looks like a secret and is taken for none: ${because}`);
