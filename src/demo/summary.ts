import { formatDuration } from '../core/duration';
import type { ReleaseReport } from '../core/release/report';
import type { Account } from './account';
import type { Claim } from './claims';

const number = new Intl.NumberFormat('en');

/** The stages of a release and its undos as rows: what, how long (an undo from the decision to turn back), result. */
export function timeRows({
  version,
  ending,
  tookMs,
  stages,
  undone,
  failure,
}: ReleaseReport): readonly (readonly string[])[] {
  const reached = stages.filter((stage) => stage.tookMs !== null);
  return [
    [version, formatDuration(tookMs), ending],
    ...reached.map((stage) => [`  ${stage.id}`, formatDuration(stage.tookMs ?? 0), stage.reason ?? '']),
    ...(failure === null ? [] : [[`  ${failure.stage ?? 'stopped'}`, '', failure.reason]]),
    ...undone.map(({ effect, status, afterMs, detail }) => [
      `  undo ${effect}`,
      afterMs === null ? '' : `+${formatDuration(afterMs)}`,
      detail ?? status,
    ]),
  ];
}

/** The proof as rows: object, before, now. */
export const proofRows = ({ proof }: ReleaseReport): readonly (readonly string[])[] => [
  ...(proof?.lines ?? []).map(({ object, expected, observed, isEqual }) => [
    isEqual ? '✔' : '✖',
    object,
    expected,
    observed,
  ]),
  ...(proof?.left ?? []).map(({ object, expected, observed }) => [
    '!',
    object,
    expected,
    `${observed}, left as somebody else threw it`,
  ]),
  ...(proof?.notShown ?? []).map(({ object, expected, why }) => ['?', object, expected, `not shown: ${why}`]),
];

/** What the bad release cost, in one paragraph. */
export function harmSentence({ version }: ReleaseReport, account: Account): string {
  const { breach, failed, requests } = account;
  if (breach === undefined) return `${version} never gave a bad answer.`;
  const took = formatDuration(Math.max(0, breach.lastRequestAtMs - breach.atMs));
  const share = ((100 * failed) / Math.max(1, requests)).toFixed(2);
  return (
    `From its first bad answer to the last request it was sent: ${took}. ` +
    `${number.format(failed)} of ${number.format(requests)} requests were harmed (${share} %).`
  );
}

export const brokenClaims = (claims: readonly Claim[]): readonly string[] =>
  claims.filter(({ isTrue }) => !isTrue).map(({ claim, found }) => `✖ Not as promised: ${claim}. Found: ${found}`);
