import type { Decision } from '../core/analysis/types';
import { formatDuration } from '../core/duration';
import type { KeptRelease } from '../core/evidence/kept';
import { findKept } from '../look-back/find-release';
import { readSample } from '../look-back/recorded-sample';
import { replayWatch, type ReplayedDecision, type ReplayedWatch } from '../look-back/replay-watch';
import type { StorePort } from '../ports/store';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { withLimitTexts } from './metric-limits';
import { line, paintAll, styleOf, type Line } from './render/line';
import { allVerdictLines } from './render/verdicts';
import { openLineFile, printedLines } from './write-lines';

export type ReplayReleaseOptions = {
  readonly release: string;
  readonly environment?: string | undefined;
  /** Other limits, each `metric=limit`. */
  readonly limit?: readonly string[] | undefined;
  readonly decisions?: boolean | string | undefined;
  readonly json?: boolean | undefined;
};

type SampleStore = Pick<StorePort, 'kept' | 'keptReleases' | 'samples'>;

const words: { readonly [A in Decision['action']]: 'rollback' | 'hold' | 'advance' } = {
  advance: 'advance',
  hold: 'hold',
  'roll-back': 'rollback',
};

function decisionLine({ stage, action, reason, recorded, recordedReason }: ReplayedDecision, after: string): Line {
  const then = recorded === action ? '' : ` (recorded: ${words[recorded]}, ${recordedReason})`;
  return line(`${after.padStart(8)}  ${stage}  ${words[action]}  ${reason}${then}`);
}

const jsonOf = (release: string, startMs: number) => (decision: ReplayedDecision) => ({
  s: release,
  t: (decision.atMs - startMs) / 1_000,
  decision: words[decision.action],
  reason: decision.reason,
  stage: decision.stage,
  recorded: words[decision.recorded],
});

function sayWhatIsNotIn(io: Io, { looks, lost, unreadable }: ReplayedWatch): void {
  say(io, `${looks} looks; the store keeps one a second, later one in ten, so a decision may come that much later.`);
  if (lost > 0) say(io, `${lost} looks never reached the store and are not judged.`);
  if (unreadable > 0)
    say(io, `${unreadable} rows are of a version whose form this one does not know, and are not judged.`);
}

const rulesOf = ({ sealed, snapshot }: KeptRelease, limits: readonly string[]) => ({
  roles: snapshot.roles,
  stages: sealed.plan.stages.flatMap((stage) => (stage.kind === 'expose' ? [stage] : [])),
  metrics: withLimitTexts(sealed.plan.metrics, limits),
  noData: sealed.plan.noData,
  budget: sealed.plan.budget,
  risk: sealed.plan.risk,
});

/** `spillway replay RELEASE`: the recorded looks of a release, judged again by the code of the live watch. */
export async function replayRelease(io: Io, store: SampleStore, options: ReplayReleaseOptions): Promise<number> {
  const kept = await findKept(store, options.release, options.environment);
  const rules = rulesOf(kept, options.limit ?? []);
  const samples = (await store.samples(kept.release)).map(readSample);
  const replayed = replayWatch(samples, rules);
  const startMs = samples[0]?.atMs ?? 0;
  const { release, service, version, environment } = kept;
  const lines = replayed.decisions.map(jsonOf(release, startMs));
  if (options.json === true) {
    const { looks, lost, unreadable, verdicts } = replayed;
    printJson(io, {
      ok: looks > 0,
      release,
      service,
      version,
      environment,
      looks,
      lost,
      unreadable,
      decisions: lines,
      verdicts,
    });
  } else if (options.decisions === undefined) {
    const style = styleOf(io);
    print(io, `${service} ${version} → ${environment}, release ${release}`);
    const shown = replayed.decisions.map((each) => decisionLine(each, formatDuration(each.atMs - startMs)));
    print(io, ...paintAll([...shown, ...allVerdictLines(replayed.verdicts)], style));
  } else {
    const sink = typeof options.decisions === 'string' ? await openLineFile(options.decisions) : printedLines(io);
    for (const each of lines) await sink.write(JSON.stringify(each));
    await sink.close();
  }
  if (replayed.looks > 0) sayWhatIsNotIn(io, replayed);
  else say(io, `The store has no looks of release ${release}: nobody was exposed, or the store was away all the time.`);
  return replayed.looks > 0 ? exitCodes.ok : exitCodes.invalid;
}
