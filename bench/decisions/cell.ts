import { harmPerRequest } from './limit';
import { peers } from './rules';
import { never } from './rules/rule';
import { judgeStream } from './spillway';
import type { Scenario } from './streams/scenario';
import { simulate, type Stream } from './streams/simulate';

export const spillway = 'Spillway';

/** Some streams of one scenario, and who judges them. */
export type CellTask = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly judges: 'all' | 'peers' | 'spillway';
};

/** What one rule did, a number a stream: when it rolled back (`never`), and harmed requests until then. */
export type Answers = { readonly atS: number[]; readonly harmed: number[] };

export type CellResult = {
  readonly rules: { readonly [rule: string]: Answers };
  /** Of Spillway alone. */
  readonly culprits: (readonly string[])[];
  readonly holdsForSplitAtS: number[];
  readonly advancesAtS: number[];
};

/** Bad requests more than a healthy canary would have had, from the onset to the rollback; to the end without one. */
export function harmedUntil({ scenario, canary }: Stream, atS: number): number {
  const isFound = atS > scenario.onsetS;
  let requests = 0;
  for (let tick = 0; tick < scenario.ticks; tick += 1) {
    const fromS = tick * scenario.tickS;
    if (fromS >= scenario.onsetS && (!isFound || fromS < atS - 1e-6)) requests += canary.n[tick] ?? 0;
  }
  return requests * harmPerRequest(scenario);
}

/** Simulates the streams and asks every judge about each of them. */
export function runCell({ scenario, seed, from, to, judges }: CellTask): CellResult {
  const asked = judges === 'spillway' ? [] : peers;
  const rules: { [rule: string]: Answers } = {};
  const answers = (rule: string): Answers => (rules[rule] ??= { atS: [], harmed: [] });
  const result: CellResult = { rules, culprits: [], holdsForSplitAtS: [], advancesAtS: [] };
  for (let number = from; number < to; number += 1) {
    const stream = simulate(scenario, seed, number);
    const note = (rule: string, atS: number): void => {
      answers(rule).atS.push(atS);
      answers(rule).harmed.push(harmedUntil(stream, atS));
    };
    if (judges !== 'peers') {
      const judged = judgeStream(stream);
      note(spillway, judged.rollsBackAtS);
      result.culprits.push(judged.culprits);
      result.holdsForSplitAtS.push(judged.holdsForSplitAtS);
      result.advancesAtS.push(judged.advancesAtS);
    }
    for (const rule of asked) note(rule.name, rule.rollsBackAtS(stream));
  }
  return result;
}

/** Parts of one cell as one, in their order. */
export function joinCells(parts: readonly CellResult[]): CellResult {
  const rules: { [rule: string]: Answers } = {};
  for (const name of Object.keys(parts[0]?.rules ?? {}))
    rules[name] = {
      atS: parts.flatMap((part) => part.rules[name]?.atS ?? []),
      harmed: parts.flatMap((part) => part.rules[name]?.harmed ?? []),
    };
  return {
    rules,
    culprits: parts.flatMap(({ culprits }) => culprits),
    holdsForSplitAtS: parts.flatMap(({ holdsForSplitAtS }) => holdsForSplitAtS),
    advancesAtS: parts.flatMap(({ advancesAtS }) => advancesAtS),
  };
}

/** What a rule's answers come to. */
export type Summary = {
  /** Share of the streams in which it ever rolled back, and in which it did after the onset. */
  readonly rolledBack: number;
  readonly found: number;
  /** From the onset; the median of all streams, so infinite where fewer than half were found. */
  readonly medianDelayS: number;
  readonly meanHarmed: number;
};

/** The middle value, of two the lower; infinite for none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Infinity;
}

export function summarise({ atS, harmed }: Answers, onsetS: number): Summary {
  const found = atS.filter((at) => at > onsetS).length;
  return {
    rolledBack: atS.filter((at) => at !== never).length / atS.length,
    found: found / atS.length,
    medianDelayS: medianOf(atS.map((at) => (at > onsetS ? at - onsetS : Infinity))),
    meanHarmed: harmed.reduce((sum, value) => sum + value, 0) / harmed.length,
  };
}
