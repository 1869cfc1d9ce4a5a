import type { ContractState } from '../core/release/contract-state';
import type { ReleaseReport } from '../core/release/report';
import type { Account } from './account';
import type { ShopWorld } from './shop-world';

/** One promise of the demo and what became of it. */
export type Claim = { readonly claim: string; readonly isTrue: boolean; readonly found: string };

const leastRequestsPerSecond = 300;
const mostMsToSafety = 3_000;

const claim = (text: string, isTrue: boolean, found: string): Claim => ({ claim: text, isTrue, found });

export const loadClaim = (requestsPerSecond: number): Claim =>
  claim(
    `at least ${leastRequestsPerSecond} requests/s reach the shop`,
    requestsPerSecond >= leastRequestsPerSecond,
    `${Math.round(requestsPerSecond)} requests/s`,
  );

/** What the good release promised. */
export function goodClaims(report: ReleaseReport, account: Account): readonly Claim[] {
  return [
    claim(`${report.version} is promoted`, report.ending === 'Promoted', report.sentence),
    claim(
      'no request fails during the good release',
      account.failed === 0 && account.requests > 0,
      `${account.failed} of ${account.requests} failed`,
    ),
  ];
}

export const contractClaim = ({ phase }: ContractState, world: ShopWorld): Claim =>
  claim(
    'the old column is gone after contract',
    phase === 'Contracted' && !world.columns.includes('customer_name'),
    `${phase}; orders has ${world.columns.join(', ')}`,
  );

/** What a release that a person turned down promised. */
export function rejectedClaims(report: ReleaseReport, account: Account): readonly Claim[] {
  return [
    ...undoneClaims(report),
    claim('no request fails', account.failed === 0, `${account.failed} of ${account.requests} failed`),
  ];
}

function undoneClaims({ version, ending, proof, undone, sentence }: ReleaseReport): readonly Claim[] {
  const lines = proof?.lines ?? [];
  const equal = lines.filter(({ isEqual }) => isEqual).length;
  const verified = undone.filter(({ status }) => status === 'verified' || status === 'not-needed').length;
  return [
    claim(`${version} is rolled back`, ending === 'RolledBack', sentence),
    claim(
      'everything it did is undone',
      undone.length > 0 && verified === undone.length,
      `${verified} of ${undone.length} undone`,
    ),
    claim('the proof holds', proof?.isRestored === true && equal > 0, `${equal} of ${lines.length} objects as before`),
  ];
}

/** What the bad release promised, by its report, by the load and by a look at the world past the engine. */
export function badClaims(
  report: ReleaseReport,
  {
    account,
    before,
    after,
    lastVersions,
  }: {
    readonly account: Account;
    readonly before: ShopWorld;
    readonly after: ShopWorld;
    /** Versions that answered at the very end. */
    readonly lastVersions: readonly string[];
  },
): readonly Claim[] {
  const { breach } = account;
  const tookMs = breach === undefined ? Infinity : breach.lastRequestAtMs - breach.atMs;
  const code = report.failure?.code ?? 'none';
  return [
    claim('the guardrail stops it', code === 'GuardrailBroken', `${code}: ${report.failure?.reason ?? ''}`),
    ...undoneClaims(report),
    claim(
      'schema, configuration and flags are as before',
      JSON.stringify(before) === JSON.stringify(after),
      `${after.columns.length} columns, ${after.settings.length} settings, ${after.flags.length} flags; before: ${before.columns.length}, ${before.settings.length}, ${before.flags.length}`,
    ),
    claim(
      `traffic leaves it within ${mostMsToSafety / 1_000} s of its first bad answer`,
      tookMs <= mostMsToSafety,
      breach === undefined ? 'it never failed' : `${Math.max(0, Math.round(tookMs))} ms`,
    ),
    claim(
      'only requests that it answered were harmed',
      account.failedElsewhere === 0,
      `${account.failedElsewhere} failed elsewhere`,
    ),
    claim(
      'the baseline serves everyone again',
      lastVersions.join() === '2.0.0',
      `answers come from ${lastVersions.join(', ')}`,
    ),
  ];
}
