import { judgeQuiet, type QuietReport } from '../contract/quiet';
import { formatDuration } from '../duration';
import { plural } from '../plural';
import { clause } from './clause';
import type { ContractSafety } from './contract-safety';
import type { ContractState } from './contract-state';
import { formWords, isOfLogin, wordsFor } from './old-form-words';
import { describeAll } from './reconciliation';

type Found = readonly [effect: string, report: QuietReport];

const removed = (found: readonly Found[]): string => found.flatMap(([, { removes }]) => removes).join(', ');

/** Who is known to be gone, of what was looked at in full. */
function describeQuiet(rule: ContractSafety['rule'], words: ReturnType<typeof formWords>): string {
  return rule.quietMs === 0 ? words.unwatched : `nobody used ${words.form} for ${formatDuration(rule.quietMs)}`;
}

/** What a waiver stood for: one word of a person covers all parts, so those whose quiet time was not waited for are named. */
function describeWaived({ found, rule }: ContractSafety, { by, why }: NonNullable<ContractSafety['waiver']>): string {
  const all: readonly Found[] = Object.entries(found);
  const skipped = all.filter(([, report]) => !judgeQuiet(report, rule, false).isQuiet);
  const waited = all.filter((each) => !skipped.includes(each) && each[1].removes.length > 0);
  const logins = skipped.filter(([effect]) => isOfLogin(effect));
  const forms = skipped.filter(([effect]) => !isOfLogin(effect));
  const names = [
    ...(forms.length === 0 ? [] : [`readers of ${removed(forms)}`]),
    ...(logins.length === 0 ? [] : [`the quiet time of ${removed(logins)}`]),
  ];
  const verb = logins.length > 0 && forms.length === 0 ? 'was' : 'were';
  const waiver =
    names.length === 0
      ? `${by} waived what was to be waited for, and nothing was left: ${clause(why)}`
      : `${names.join(' and ')} ${verb} waived by ${by}: ${clause(why)}`;
  if (waited.length === 0) return waiver;
  const isSchema = waited.some(([effect]) => !isOfLogin(effect));
  const isLogin = waited.some(([effect]) => isOfLogin(effect));
  return `${waiver}; ${describeQuiet(rule, wordsFor({ isSchema, isLogin }))}`;
}

function quietOf(safety: ContractSafety, parts: ContractState['parts']): string {
  const { rule, waiver } = safety;
  if (waiver === undefined) return describeQuiet(rule, formWords({ parts }));
  return parts.some(({ effect }) => isOfLogin(effect))
    ? describeWaived(safety, waiver)
    : `readers were waived by ${waiver.by}: ${clause(waiver.why)}`;
}

/** The pack an approval is for, as it was frozen when the gate opened. */
export function shownPack({ safety, parts }: ContractState): string {
  if (safety === undefined) return '';
  // No copy is made of a login: whoever manages secrets keeps its password.
  const logins = removed(Object.entries(safety.found).filter(([, { watch }]) => watch !== undefined));
  const goes = logins === '' ? '' : `what goes is ${logins}; `;
  const points = safety.restorePoints.map(
    ({ name, of, rows, kind }) => `${of} in ${kind} ${name}${rows === undefined ? '' : ` (${plural(rows, 'row')})`}`,
  );
  const forms = safety.reconciled === undefined ? '' : `${describeAll(safety.reconciled)}; `;
  const isCopied = points.length > 0 || (logins === '' && !parts.every(({ effect }) => isOfLogin(effect)));
  const kept = isCopied ? `kept and test-restored: ${points.join(', ') || 'nothing is removed'}; ` : '';
  return `${quietOf(safety, parts)}; ${forms}${goes}${kept}`;
}

/** From when on there is no way back; contracts of older workers drop at once. */
export function afterGate({ safety, parts }: ContractState): string {
  if (safety === undefined) return 'after it there is no way back';
  const { isHidden, isGoneLater } = formWords({ parts });
  return `after it ${isHidden}, and ${isGoneLater} ${formatDuration(safety.rule.renamedMs)} later: from then on there is no way back`;
}
