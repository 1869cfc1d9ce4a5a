import type { ReplaySummary } from '../core/analysis/replay/replay-summary';
import { createReplay, type DecisionLine } from '../core/analysis/replay/replay-streams';
import { formatIssue, type Issue } from '../core/descriptor/issue';
import { formatDuration } from '../core/duration';
import { exitCodes } from './exit-codes';
import { printJson, say, type Io } from './io';
import { readLimits, type LimitTexts } from './limit-options';
import { readLines } from './read-lines';
import { openLineFile, printedLines, type LineSink } from './write-lines';

export type ReplayFileOptions = LimitTexts & {
  readonly file: string;
  /** JSON lines: to standard output when true, into the file named when text. */
  readonly decisions?: boolean | string | undefined;
  readonly json?: boolean | undefined;
};

const mostIssuesShown = 50;

const summaryText = (summary: ReplaySummary): string => {
  const { streams, rolledBack, held, advanced, undecided, refused } = summary;
  const bad = refused === 0 ? '' : `, ${refused} refused`;
  return `${streams} streams: ${rolledBack} rolled back, ${held} held, ${advanced} advanced, ${undecided} undecided${bad}`;
};

const lineText = ({ s, t, decision, reason }: DecisionLine): string =>
  `${s}  ${formatDuration(t * 1_000)}  ${decision}  ${reason}`;

function createIssueSink(io: Io, isJson: boolean) {
  const shown: Issue[] = [];
  let count = 0;
  return {
    add(issues: readonly Issue[]): void {
      for (const issue of issues) {
        count += 1;
        if (shown.length >= mostIssuesShown) continue;
        shown.push(issue);
        if (!isJson) say(io, formatIssue(issue));
      }
    },
    shown: (): readonly Issue[] => shown,
    count: (): number => count,
  };
}

async function sinkOf(io: Io, { decisions }: ReplayFileOptions): Promise<LineSink> {
  return typeof decisions === 'string' ? openLineFile(decisions) : printedLines(io);
}

/** `spillway replay FILE`: where today's or other limits would have decided what, over recorded streams. */
export async function replayFile(io: Io, options: ReplayFileOptions): Promise<number> {
  const isJson = options.json === true;
  const replay = createReplay(readLimits(options));
  const issues = createIssueSink(io, isJson);
  const isTold = options.decisions !== undefined || !isJson;
  const textOf = options.decisions === undefined ? lineText : (line: DecisionLine) => JSON.stringify(line);
  const sink = await sinkOf(io, options);
  try {
    for await (const { text, line } of readLines(options.file)) {
      const { decision, issues: found } = replay.accept(text, { file: options.file, line });
      if (found !== undefined) issues.add(found);
      if (decision !== undefined && isTold) await sink.write(textOf(decision));
    }
  } finally {
    await sink.close();
  }
  const summary = replay.summary();
  const isEmpty = summary.streams === 0 && issues.count() === 0;
  if (isJson) printJson(io, { ok: issues.count() === 0 && !isEmpty, ...summary, issues: issues.shown() });
  if (isEmpty) say(io, `${options.file}: it holds no stream; the first line of each is {"s":"id","meta":{…}}.`);
  if (issues.count() > 0)
    say(io, `${issues.count()} lines were refused; a stream with such a line is not judged on from there.`);
  say(io, summaryText(summary));
  return issues.count() > 0 || isEmpty ? exitCodes.invalid : exitCodes.ok;
}
