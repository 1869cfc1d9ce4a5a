import { askHaproxy, cohortMapIn } from '../../src/stack/haproxy';
import type { Bench } from '../bench';
import { describeRelease, startRelease, type ReleaseRun } from '../release-run';
import { shuffled, type Change, type Standing } from './change-by-hand';
import { membersOf, parseMembers, readMembers } from './member-map';
import { untilAssigned } from './until-assigned';

type Exposure = {
  /** The first of them is exposed, whole, and the release stays there. */
  readonly cohorts: readonly string[];
  readonly inside: { readonly [tenant: string]: number };
  readonly outside: readonly string[];
  /** Whether a row for somebody outside gives just what the next cohort would get. */
  readonly isAsNext: boolean;
};

const exposures: readonly [Exposure, Exposure] = [
  { cohorts: ['partners'], inside: { acme: 100, globex: 100 }, outside: ['initech', 'umbrella'], isAsNext: false },
  { cohorts: ['early-adopters', 'partners'], inside: { acme: 100 }, outside: ['globex'], isAsNext: true },
];

/** Hundredths of a percent: every share but nobody and everybody, so that it is always another one. */
const mostHundredths = 9_999;

type Exposed = { readonly run: ReleaseRun; readonly exposure: Exposure; readonly random: () => number };

function changesOf(bench: Bench, { run, exposure, random }: Exposed): readonly Change[] {
  const { inside, outside, isAsNext } = exposure;
  const map = cohortMapIn(bench.embedded.stack.runDirectory);
  const wanted = membersOf(inside, run.canary);
  const drawFrom = (tenants: readonly string[]): string =>
    `tenant/${tenants[Math.floor(random() * tenants.length)] ?? ''}`;
  const share = (): number => 1 + Math.floor(random() * mostHundredths);
  const wholeCanary = run.canary === 'green' ? 10_000 : 0;
  const order = async (command: string): Promise<void> => {
    const said = await askHaproxy(bench.socketPath, `${command};show map ${map}`);
    if (parseMembers(said) === wanted) throw new Error(`HAProxy did not take "${command}": ${said.trim()}`);
  };
  const isAsBefore = async () => (await readMembers(bench)) === wanted;
  const tenants = Object.keys(inside);
  const deleted = { what: 'map', make: () => order(`del map ${map} ${drawFrom(tenants)}`), isAnswered: isAsBefore };
  const changed = {
    what: 'map',
    // Who adds a row for a member leaves the old one beside it.
    make: () => order(`${random() < 0.5 ? 'set' : 'add'} map ${map} ${drawFrom(tenants)} ${share()}`),
    isAnswered: isAsBefore,
  };
  const added = {
    what: 'map',
    make: () => order(`add map ${map} ${drawFrom(outside)} ${isAsNext ? wholeCanary : share()}`),
    // Who is outside and seen at the canary twice turns the release back: then nobody is a member any more.
    isAnswered: async () => {
      const found = await readMembers(bench);
      return found === wanted || (found === '' && (await run.state()).failure?.metric === 'cohort-leak');
    },
  };
  // Two of a release: what is changed a third time in a stage is a second controller, and turns it back. The leak is the last,
  // because what the probe saw of one counts for the next one in the same stage.
  return [...shuffled([deleted, changed], random).slice(0, 1), added];
}

/** Releases that expose a cohort alone, one way and the other in turn, and what is changed in the map of members behind their backs. */
export function createCohortStands() {
  let releases = 0;
  return async (bench: Bench, random: () => number): Promise<Standing> => {
    const exposure = exposures[releases % 2 === 0 ? 0 : 1];
    releases += 1;
    const long = { bakeTime: '1h', minRequests: 1 };
    const cohorts = exposure.cohorts.map((cohort) => ({ cohort, ...long }));
    const stages = [{ canaryPercent: 25, ...long }];
    const run = await startRelease(bench, describeRelease(bench, { cohorts, stages }));
    await untilAssigned(bench, { name: 'the first cohort', percent: 0, members: exposure.inside }, run.canary);
    return { run, changes: changesOf(bench, { run, exposure, random }) };
  };
}
