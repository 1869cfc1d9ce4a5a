import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { Started } from '../client';
import { formatDuration } from '../core/duration';
import type { Load } from '../stack/load';
import { nowMs } from '../stack/load-sender';
import { shopDirectory } from '../stack/shop';
import { accountOf, type Account } from './account';
import { badClaims, contractClaim, goodClaims, loadClaim, rejectedClaims, type Claim } from './claims';
import type { Company } from './company';
import type { Narrator } from './narrator';
import { playContract } from './play-contract';
import { playRelease, type Played, type Scene } from './play-release';
import { readShopWorld } from './shop-world';
import { recordFirstFailure } from './shop-record';
import { harmSentence, proofRows, timeRows } from './summary';

/** What the demo showed. */
export type Told = {
  readonly claims: readonly Claim[];
  readonly places: readonly { readonly title: string; readonly url: string }[];
};

export type Cast = {
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  readonly company: Company;
  /** Who starts and approves. */
  readonly by: string;
};

type Chapter = {
  readonly claims: readonly Claim[];
  readonly played: Played;
  readonly rows: readonly (readonly string[])[];
};

const warmUpMs = 2_000;
const afterwardsMs = 1_000;
const goodVersion = '2.0.0';
const badVersion = '3.0.0';

/** The demo's story once everything is up: the load, the good release, the bad one, the reckoning. */
export async function tellStory(cast: Cast): Promise<Told> {
  const { narrator, company } = cast;
  const { load } = company;
  if (load === undefined) throw new Error('the demo needs a load');
  const rate = await measureLoad(cast, load);
  const places: { title: string; url: string }[] = [];
  const sceneOf = (version: string): Scene => ({
    descriptor: join(shopDirectory, `release-${version}.yaml`),
    environment: company.embedded.name,
    service: 'shop',
    onStarted: ({ uiUrl = '' }: Started) => {
      places.push({ title: `release ${version}`, url: uiUrl });
      narrator.list([`  In Temporal's UI: ${uiUrl}`, '']);
    },
  });
  const good = await tellGood({ ...cast, load }, sceneOf(goodVersion));
  const isInService = good.played.report.ending === 'Promoted';
  if (!isInService) narrator.say('The bad release builds on 2.0.0, so the demo ends here.');
  const bad = isInService ? await tellBad({ ...cast, load }, sceneOf(badVersion)) : undefined;
  const claims = [loadClaim(rate), ...good.claims, ...(bad?.claims ?? [])];
  narrator.heading('4. What happened, and how long it took');
  narrator.table(['what', 'took', 'result'], [...good.rows, ...(bad?.rows ?? [])]);
  narrator.list(['']);
  return { claims, places };
}

async function measureLoad({ narrator, signal, company }: Cast, load: Load): Promise<number> {
  // The first requests open connections and say nothing about the pace.
  await sleep(warmUpMs / 4, undefined, { signal });
  const fromMs = nowMs();
  await sleep(warmUpMs, undefined, { signal });
  const { sent, failed, byVersion } = load.since(fromMs);
  const rate = (1_000 * sent) / (nowMs() - fromMs);
  narrator.say(
    `Users send ${Math.round(rate)} requests/s through HAProxy (${company.trafficUrl}); version ` +
      `${Object.keys(byVersion).join(', ')} answers them, ${failed} of ${sent} failed.`,
  );
  return rate;
}

type Stage = Cast & { readonly load: Load };

async function tellGood({ narrator, load, company, signal, by }: Stage, scene: Scene): Promise<Chapter> {
  narrator.heading('2. A good release: 2.0.0 splits the name of a customer in two columns');
  narrator.say(
    'It adds the columns, fills them, deploys beside 1.0.0, takes 5 % and 25 % of the users, and asks for an approval ' +
      'before it takes all but 1 %, which stays with 1.0.0 for comparison. When the rollback window closes the old column goes.',
  );
  const stage = { client: company.client, narrator, signal, by };
  const played = await playRelease(stage, scene);
  const { report } = played;
  if (report.ending !== 'Promoted') {
    const account = accountBetween(load, played);
    return {
      claims: played.rejections > 0 ? rejectedClaims(report, account) : goodClaims(report, account),
      played,
      rows: timeRows(report),
    };
  }
  const contract = await playContract(stage, { ...scene, firstRunId: played.started.firstRunId });
  const account = accountBetween(load, { ...played, toMs: contract.toMs });
  narrator.say(`${report.version} is in service. ${account.failed} of ${account.requests} requests failed on the way.`);
  return {
    claims: [
      ...goodClaims(report, account),
      ...(contract.state.phase === 'Declined'
        ? []
        : [contractClaim(contract.state, await readShopWorld(company.embedded))]),
    ],
    played,
    rows: [...timeRows(report), ['contract', formatDuration(contract.toMs - contract.fromMs), contract.state.phase]],
  };
}

async function tellBad({ narrator, load, company, signal, by }: Stage, scene: Scene): Promise<Chapter> {
  narrator.heading('3. A bad release: 3.0.0 is healthy at first, then half of its answers are errors');
  narrator.say('It also adds a column, changes a setting and turns a flag on. Nobody touches anything from here on.');
  const { embedded, client } = company;
  const before = await readShopWorld(embedded);
  const shop = recordFirstFailure(`http://${embedded.stack.slots.blue}`, badVersion);
  const played = await playRelease({ client, narrator, signal, by }, scene).finally(shop.stop);
  await sleep(afterwardsMs, undefined, { signal });
  const { report } = played;
  const account = accountBetween(load, played, shop.firstFailureAtMs());
  const lastVersions = Object.keys(load.since(Date.now() - afterwardsMs).byVersion);
  narrator.list(['', 'The proof: every object the release touches, read back and compared with the snapshot']);
  narrator.table(['', 'object', 'before', 'now'], proofRows(report));
  narrator.list(['']);
  narrator.say(harmSentence(report, account));
  const claims = badClaims(report, { account, before, after: await readShopWorld(embedded), lastVersions });
  return { claims, played, rows: timeRows(report) };
}

const accountBetween = (load: Load, { fromMs, toMs, report }: Played, firstFailureAtMs?: number): Account =>
  accountOf(load.records(fromMs, toMs), { version: report.version, firstFailureAtMs });
