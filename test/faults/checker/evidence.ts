import { createHash } from 'node:crypto';
import type { EvidenceFact, Facts } from './facts';

/** RFC 8785 for what evidence holds, written for the checker alone: keys in order, no spaces. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

const start = '0'.repeat(64);

export const hashOf = ({ seq, previous, at, type, actor, detail }: Omit<EvidenceFact, 'hash' | 'release'>): string =>
  createHash('sha256').update(canonical({ seq, previous, at, type, actor, detail })).digest('hex');

const byRelease = (evidence: readonly EvidenceFact[]): readonly (readonly EvidenceFact[])[] =>
  [...new Set(evidence.map(({ release }) => release))].map((release) =>
    evidence.filter((record) => record.release === release).sort((a, b) => a.seq - b.seq),
  );

/** I8: each record follows the one before it and has the hash of what it says. */
export function brokenChains({ evidence }: Facts): readonly string[] {
  if (evidence.length === 0) return ['there is no evidence'];
  return byRelease(evidence).flatMap((records) => {
    const wrong = records.findIndex(
      (record, index) =>
        record.seq !== index + 1 ||
        record.previous !== (index === 0 ? start : records[index - 1]?.hash) ||
        record.hash !== hashOf(record),
    );
    return wrong === -1 ? [] : [`the evidence breaks at record ${wrong + 1}: ${JSON.stringify(records[wrong])}`];
  });
}

/** I8: what was intended was done or undone, and what was begun to be undone was verified; the end is in it. */
export function brokenIntents({ evidence }: Facts): readonly string[] {
  const of = (type: string): readonly string[] =>
    evidence.filter(({ detail }) => detail['type'] === type).map(({ detail }) => String(detail['effect']));
  const [done, verified] = [of('effect-done'), of('compensation-verified')];
  const open = of('effect-intended').filter((effect) => !done.includes(effect) && !verified.includes(effect));
  const unverified = of('compensation-started').filter((effect) => !verified.includes(effect));
  const isEnded = evidence.some(({ type }) => type === 'ended');
  return [
    ...new Set(open.map((effect) => `${effect} was intended, and neither done nor undone`)),
    ...new Set(unverified.map((effect) => `the undo of ${effect} was begun and never verified`)),
    ...(isEnded ? [] : ['the evidence does not say how it ended']),
  ];
}
