import type { BackfillRule } from '../backfill/rule';
import { formatDuration } from '../duration';
import { alignColumns, wrapText } from '../plain-text';
import { budgetTexts } from './describe-budget';
import { describeCombinations } from './describe-combinations';
import { describeLocks } from './describe-locks';
import { describeMetric } from './describe-metric';
import { planDigest } from './digest';
import type { Effect } from './effects';
import type { Plan, RollbackMode, SealedPlan } from './plan';
import type { ReconcileRule } from './reconcile';
import type { GateRule, Stage } from './stages';

type MigrateEffect = Extract<Effect, { kind: 'migrate' }>;
type Section = { readonly title: string; readonly lines: readonly string[] };

/** A plan as people read it before they start it: plain text, at most 100 columns. */
export function describePlan(given: Plan | SealedPlan): string {
  const plan = 'plan' in given ? given.plan : given;
  const sections: readonly Section[] = [
    { title: `${plan.service} ${plan.version} → ${plan.environment}`, lines: introduction(given, plan) },
    { title: 'Stages', lines: alignColumns(plan.stages.map(stageRow)).flatMap(hanging) },
    { title: 'Gates', lines: gateLines(plan) },
    { title: 'Metrics', lines: plan.metrics.flatMap((metric) => bullet(describeMetric(metric))) },
    { title: 'Checks of the canary before any user', lines: plan.checks.flatMap((check) => bullet(checkText(check))) },
    { title: 'Migrations', lines: [...plan.effects, ...plan.contract].flatMap(migrationLines) },
    { title: 'Locks of the migrations, each held until its part ends', lines: describeLocks(plan) },
    { title: 'Data invariants', lines: plan.invariants.flatMap(({ id, query }) => bullet(`${id}: ${query.path}`)) },
    { title: 'Reconciled while both forms live', lines: (plan.reconcile ?? []).flatMap(reconcileLines) },
    { title: 'Configuration and flags', lines: plan.effects.flatMap(settingLines) },
    { title: 'Credentials', lines: plan.effects.flatMap((effect) => rotationLines(effect, plan)) },
    { title: 'Combinations of flags and configuration', lines: describeCombinations(plan).flatMap(bullet) },
    { title: 'Rollback, in this order', lines: rollbackLines(plan) },
    { title: 'How users go back', lines: modeLines(plan) },
    { title: 'When data is missing', lines: bullet(noDataText(plan)) },
    { title: 'What the release may spend', lines: budgetTexts(plan).flatMap(bullet) },
    { title: 'Notifications', lines: plan.notify.flatMap(({ to, on }) => bullet(`${to}: ${on.join(', ')}`)) },
    { title: 'Mind', lines: plan.warnings.flatMap(bullet) },
  ];
  return `${sections
    .filter((section) => section.lines.length > 0)
    .map(({ title, lines }) => [...wrapText(title, ''), ...lines].join('\n'))
    .join('\n\n')}\n`;
}

const bullet = (text: string): readonly string[] => wrapText(`  ${text}`, '    ');
const hanging = (text: string): readonly string[] => wrapText(text, '      ');

function introduction(given: Plan | SealedPlan, plan: Plan): readonly string[] {
  const digest = 'plan' in given ? given.seal.planDigest : planDigest(plan);
  const { sponsor, lead, dataSteward, rollbackCaptain } = plan.owners;
  const owners = [
    `lead ${lead}`,
    ...(sponsor === undefined ? [] : [`sponsor ${sponsor}`]),
    ...(dataSteward === undefined ? [] : [`data steward ${dataSteward}`]),
    ...(rollbackCaptain === undefined ? [] : [`rollback captain ${rollbackCaptain}`]),
  ];
  return [
    ...bullet(`Plan ${digest}`),
    ...bullet(`Should change: ${plan.hypothesis.change}`),
    ...bullet(`Must not change: ${plan.hypothesis.keep}`),
    ...bullet(`Owners: ${owners.join(', ')}`),
  ];
}

function stageRow(stage: Stage): readonly string[] {
  switch (stage.kind) {
    case 'expose': {
      const bake = formatDuration(stage.bakeMs);
      const wait = stage.isFull ? `rollback window ${bake}` : `bakes ${bake}`;
      const proof = stage.needsProof === true ? ' and proof of every limit' : '';
      const enough = `at least ${stage.minRequests} requests of each version${proof}`;
      return [stage.id, stage.canaryPercent === 0 ? 'cohort' : `${stage.canaryPercent} %`, `${wait}, ${enough}`];
    }
    case 'apply':
      return [stage.id, '', `${stage.title} (${stage.effects.join(', ')})`];
    case 'gate':
      return [stage.id, '', stage.title];
    case 'verify':
    case 'check':
    case 'promote':
      return [stage.id, '', stage.title];
  }
}

function gateLines(plan: Plan): readonly string[] {
  const { contract, contractGate } = plan;
  return [
    ...plan.stages.flatMap((stage) => (stage.kind === 'gate' ? bullet(gateText(stage.gate, 'rolls back')) : [])),
    // A release that is promoted has nothing to roll back to: an expired contract is not run.
    ...(contract.length === 0 ? [] : bullet(gateText(contractGate, 'contract does not run'))),
  ];
}

function gateText(gate: GateRule, end: string): string {
  const members = gate.members?.join(', ') ?? '';
  const who = gate.from === undefined ? members || 'anyone' : `${gate.from.join(' or ')} (${members || 'nobody'})`;
  const requester = gate.requesterMayApprove ? '' : ', not whoever started the release';
  return (
    `${gate.name}: ${gate.approvals} ${gate.approvals === 1 ? 'approval' : 'approvals'} from ${who}${requester}; ` +
    `waits ${formatDuration(gate.timeoutMs)}, reminds every ${formatDuration(gate.remindEveryMs)}, then ${gate.onTimeout === 'hold' ? 'holds on' : end}`
  );
}

function checkText({ method, path, status, bodyContains }: Plan['checks'][number]): string {
  const body = bodyContains === undefined ? '' : ` with \`${bodyContains}\` in the body`;
  return `${method} ${path} answers ${status}${body}`;
}

function migrationLines(effect: Effect): readonly string[] {
  if (effect.kind !== 'migrate') return [];
  const how = effect.backfill === undefined ? '' : `; ${backfillText(effect.backfill)}`;
  return bullet(
    `${effect.migration} ${effect.part} at ${effect.target}: ${effect.apply.path}; ${undoText(effect)}${how}`,
  );
}

function backfillText({ key, throttle, guard }: BackfillRule): string {
  const along =
    key === undefined
      ? 'again until no row changes'
      : `along ${key.table}.${key.column}, at most ${key.rows} rows a batch, fewer when one takes over ${formatDuration(throttle.statementMs)}`;
  const rest = throttle.restMs === 0 ? '' : `, ${formatDuration(throttle.restMs)} between batches`;
  const names = guard.rules.map(({ name }) => name);
  const guarded = names.length === 0 ? '' : ` or the baseline breaks ${names.join(', ')}`;
  return `${along}${rest}; rests while a replica is over ${formatDuration(throttle.replicaLagMs)} behind${guarded}`;
}

const reconcileLines = ({ id, table, key, ...forms }: ReconcileRule): readonly string[] =>
  bullet(`${id}: ${table} by ${key}, ${forms.old} = ${forms.new}`);

function undoText({ undo, check, losses = [] }: MigrateEffect): string {
  const asked = losses.length === 0 ? '' : `, asked before for losses by ${losses.map(({ path }) => path).join(', ')}`;
  const back = 'skip' in undo ? `not undone: ${undo.skip}` : `undo ${undo.path}${asked}`;
  return check === undefined ? back : `${back}; check ${check.path}`;
}

function rotationLines(effect: Effect, { rotations = [] }: Plan): readonly string[] {
  if (effect.kind !== 'rotate') return [];
  const { setting, configuration } = rotations.find(({ target }) => target === effect.target) ?? {};
  return bullet(
    `${effect.target}: login ${effect.from} → ${effect.login}, named by ${setting} of ${configuration}; contract revokes ${effect.from}`,
  );
}

function settingLines(effect: Effect): readonly string[] {
  if (effect.kind === 'configure') {
    const pairs = Object.entries(effect.set).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
    return bullet(`${effect.target}: ${pairs.length === 0 ? 'what the baseline has' : pairs.join(', ')}`);
  }
  if (effect.kind !== 'flag') return [];
  const cohort = effect.cohort === undefined ? '' : `, the tenants of cohort ${effect.cohort}`;
  const killSwitch = effect.killSwitch ? ' (kill switch)' : '';
  const follows = effect.follows === undefined ? '' : ', for whoever is served by this version';
  const opens = effect.isOpening === true ? ', right before the promotion' : '';
  return bullet(
    `${effect.target}: flag ${effect.flag} = ${JSON.stringify(effect.value)}${cohort}${follows}${opens}${killSwitch}`,
  );
}

function rollbackLines({ rollback }: Plan): readonly string[] {
  return rollback.flatMap(({ title, requires }, index) => {
    const after = requires.length === 0 ? '' : ` (after ${requires.join(', ')})`;
    return wrapText(`  ${index + 1}. ${title}${after}`, '     ');
  });
}

function modeLines({ rollbackModes: { onBreach, onAbort, drain, backInBandMs } }: Plan): readonly string[] {
  const wayOf = (mode: RollbackMode): string =>
    mode === 'emergency' ? 'at once (emergency)' : 'step by step, sessions kept (drain)';
  const steps =
    `A drain halves the share every ${formatDuration(drain.everyMs)}, each step as soon as the baseline can take it ` +
    `(after ${formatDuration(drain.baselineWaitMs)} somebody is called); at 0 % sessions end within ${formatDuration(drain.sessionsMs)}.`;
  return [
    ...bullet(`A broken guardrail, missing data or a failed effect: ${wayOf(onBreach)}`),
    ...bullet(`An abort, a rejected or expired gate, an expired pause: ${wayOf(onAbort)}`),
    ...bullet(`${steps} A breach or a second abort ends it at once.`),
    ...bullet(`Rolled back once guardrails are back in band for ${formatDuration(backInBandMs)}`),
  ];
}

function noDataText({ noData, longestPauseMs }: Plan): string {
  const then = noData.then === 'roll-back' ? 'rolls back' : 'goes on holding until a person acts';
  return `Holds for at most ${formatDuration(noData.holdForMs)}, then ${then}. A pause lasts at most ${formatDuration(longestPauseMs)}.`;
}
