import type { Issue } from '../../descriptor/issue';
import { createStreamJudge, type EngineLimits } from '../judge-stream';
import type { ArmTick, StreamDecision, StreamTick } from '../stream';
import { summarise, type ReplaySummary } from './replay-summary';
import { checkLine, refuseMeta, refuseTick, type LinePlace } from './check-line';
import type { MetaLine, TickLine } from './stream-schema';

/** A decision as it is written: where a stream would have been rolled back, held or advanced, and why. */
export type DecisionLine = {
  readonly s: string;
  /** Seconds from the start of the stream. */
  readonly t: number;
  readonly decision: 'rollback' | 'hold' | 'advance';
  readonly reason: string;
  readonly metric?: string;
};

export type ReplayedLine = { readonly decision?: DecisionLine; readonly issues?: readonly Issue[] };

type Judge = ReturnType<typeof createStreamJudge>;

type Stream = {
  /** Let go when nothing can change any more, so that finished streams take no memory. */
  judge: Judge | undefined;
  readonly bounds: number;
  lastT: number;
  last: string;
  seen: Set<DecisionLine['decision']>;
  isRefused: boolean;
};

const written = { advance: 'advance', hold: 'hold', 'roll-back': 'rollback' } as const;

function armOf(arm: TickLine['canary']): ArmTick | null {
  if (arm === null || arm === undefined) return null;
  const { n, err, buckets, cpu } = arm;
  return {
    n,
    err,
    ...(buckets === undefined ? {} : { buckets }),
    ...(cpu === null || cpu === undefined ? {} : { cpu }),
  };
}

const tickOf = ({ t, canary, baseline, stable, same_hour: sameHour }: TickLine): StreamTick => ({
  t,
  canary: armOf(canary),
  baseline: armOf(baseline),
  stable: armOf(stable),
  ...(sameHour === undefined ? {} : { sameHour }),
});

const metaOf = ({ meta }: MetaLine) => ({
  tickS: meta.tick_s,
  ticks: meta.ticks,
  le: meta.le,
  share: meta.share,
});

/** Judges recorded streams line by line, many at once; it forgets what it no longer needs. */
export function createReplay(limits: Partial<EngineLimits> = {}) {
  const streams = new Map<string, Stream>();

  const refuse = (place: LinePlace, words: Pick<Issue, 'code' | 'message' | 'fix'>, stream?: Stream): ReplayedLine => {
    if (stream !== undefined) [stream.isRefused, stream.judge] = [true, undefined];
    return { issues: [{ ...words, ...place, column: 1, path: '' }] };
  };

  function begin(line: MetaLine, place: LinePlace): ReplayedLine {
    const before = streams.get(line.s);
    const fix = 'give every stream a name of its own and one first line';
    if (before !== undefined)
      return refuse(place, { code: 'stream-repeated', message: `stream ${line.s} has begun already`, fix }, before);
    const words = refuseMeta(line);
    const stream: Stream = {
      judge: words === undefined ? createStreamJudge(metaOf(line), limits) : undefined,
      bounds: line.meta.le.length,
      lastT: 0,
      last: '',
      seen: new Set(),
      isRefused: words !== undefined,
    };
    streams.set(line.s, stream);
    return words === undefined ? {} : refuse(place, words, stream);
  }

  function step(line: TickLine, place: LinePlace): ReplayedLine {
    const stream = streams.get(line.s);
    if (stream === undefined) {
      const message = `stream ${line.s} has no first line`;
      return refuse(place, { code: 'stream-unknown', message, fix: `write {"s":"${line.s}","meta":{…}} before it` });
    }
    const words = refuseTick(line, stream.bounds, stream.lastT);
    if (words !== undefined) return refuse(place, words, stream);
    stream.lastT = line.t;
    return stream.judge === undefined ? {} : judged(stream, line, stream.judge.step(tickOf(line)));
  }

  return {
    /** Takes one line; gives a decision where it changed, or what is wrong with the line. */
    accept(text: string, place: LinePlace): ReplayedLine {
      const read = checkLine(text, place);
      if (!read.ok) {
        // The stream it belongs to, where that can still be told, is not judged on with a hole in it.
        const [, id] = /^\{"s":\s*"([^"\\]*)"/.exec(text) ?? [];
        const stream = id === undefined ? undefined : streams.get(id);
        if (stream !== undefined) [stream.isRefused, stream.judge] = [true, undefined];
        return { issues: read.issues };
      }
      return read.value.kind === 'meta' ? begin(read.value, place) : step(read.value, place);
    },
    summary: (): ReplaySummary => summarise([...streams.values()]),
  };
}

/** A decision that is new for its stream. Waiting for evidence is none; a rollback is the last. */
function judged(stream: Stream, { s, t }: TickLine, found: StreamDecision): ReplayedLine {
  const decision = written[found.action];
  const metric = found.action === 'roll-back' ? found.metric : undefined;
  const key = found.action === 'hold' ? `hold ${found.why}` : decision;
  if (key === stream.last) return {};
  stream.last = key;
  if (found.action === 'hold' && found.why === 'unproved') return {};
  stream.seen.add(decision);
  if (decision === 'rollback') stream.judge = undefined;
  return { decision: { s, t, decision, reason: found.reason, ...(metric === undefined ? {} : { metric }) } };
}
