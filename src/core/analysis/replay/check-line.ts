import { checkJson } from '../../descriptor/check-json';
import type { Issue, Parsed } from '../../descriptor/issue';
import { metaLineSchema, tickLineSchema, type MetaLine, type TickLine } from './stream-schema';

export type StreamLine = ({ readonly kind: 'meta' } & MetaLine) | ({ readonly kind: 'tick' } & TickLine);

/** Where a line stands; lines count from 1. */
export type LinePlace = { readonly file: string; readonly line: number };

const atLine = (issues: readonly Issue[], line: number): readonly Issue[] =>
  issues.map((issue) => ({ ...issue, line: issue.line + line - 1 }));

/** Words for what JSON writers outside JavaScript put into a line and JSON does not know. */
const explain = (issue: Issue, text: string): Issue =>
  issue.code === 'not-json' && /\b(NaN|Infinity)\b/.test(text)
    ? { ...issue, message: 'NaN and Infinity are not JSON', fix: 'write null where there is no number' }
    : issue;

/** Reads one line of a recorded stream, or says what is wrong with it and where. */
export function checkLine(text: string, { file, line }: LinePlace): Parsed<StreamLine> {
  const isMeta = /"meta"\s*:/.test(text);
  const checked = isMeta ? checkJson(metaLineSchema, { text, file }) : checkJson(tickLineSchema, { text, file });
  if (!checked.ok) return { ok: false, issues: atLine(checked.issues, line).map((issue) => explain(issue, text)) };
  return 'meta' in checked.value
    ? { ok: true, value: { kind: 'meta', ...checked.value } }
    : { ok: true, value: { kind: 'tick', ...checked.value } };
}

type Words = Pick<Issue, 'code' | 'message' | 'fix'>;

/** What is wrong with a tick beside its form; undefined when nothing is. */
export function refuseTick(tick: TickLine, bounds: number, lastT: number): Words | undefined {
  if (tick.t <= lastT) {
    const message = `t is ${tick.t}, and the line before of this stream had ${lastT}`;
    return { code: 'time-not-rising', message, fix: 'sort the lines of a stream by t, each once' };
  }
  for (const name of ['canary', 'baseline', 'stable'] as const) {
    const arm = tick[name];
    if (arm === null || arm === undefined) continue;
    if (arm.err > arm.n) {
      const message = `${name} has ${arm.err} bad requests of ${arm.n}`;
      return { code: 'number-out-of-range', message, fix: 'count every bad request in n too' };
    }
    if (arm.buckets !== undefined && arm.buckets.length !== bounds + 1) {
      const message = `${name} has ${arm.buckets.length} buckets, and ${bounds} bounds make ${bounds + 1}`;
      return { code: 'buckets-not-matching', message, fix: 'write one count a bound and a last one for all above' };
    }
  }
  return undefined;
}

/** The same of a first line. */
export function refuseMeta({ meta: { le, share } }: MetaLine): Words | undefined {
  const fall = le.findIndex((bound, at) => at > 0 && bound <= (le[at - 1] ?? -Infinity));
  if (fall !== -1)
    return {
      code: 'bounds-not-rising',
      message: `bound ${le[fall]} is not above the one before it`,
      fix: 'sort the bounds, each once',
    };
  const whole = share.canary + share.baseline + share.stable;
  if (whole > 1.001)
    return {
      code: 'number-out-of-range',
      message: `the shares add up to ${Number(whole.toPrecision(4))}`,
      fix: 'write parts of 1',
    };
  if (share.baseline + share.stable === 0)
    return {
      code: 'number-out-of-range',
      message: 'neither baseline nor stable has a share, so there is nothing to compare with',
      fix: 'write their shares',
    };
  return undefined;
}
