import type { EvidenceRecord } from '../../src/core/evidence/record';
import type { Publication, ReleaseRow } from '../../src/core/evidence/publication';

/** A record that says nothing but its place. */
export const record = (seq: number, detail: EvidenceRecord['detail'] = { step: `step ${seq}` }): EvidenceRecord => ({
  seq,
  at: `2026-01-01T00:00:0${seq % 10}.000Z`,
  type: 'checkpoint',
  actor: 'release engine',
  detail,
});

export const releaseRow = (release: string, change: Partial<ReleaseRow> = {}): ReleaseRow => ({
  release,
  service: 'shop',
  environment: 'test',
  version: '2',
  phase: 'Exposing',
  planDigest: 'sha256:0',
  sentence: 'shop 2 bakes at 5 %',
  startedAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

/** A publication of records `from` to `to`, with no notifications. */
export function publication(release: string, from: number, to: number): Publication {
  const evidence = Array.from({ length: to - from + 1 }, (_, index) => record(from + index));
  return { row: releaseRow(release, { sentence: `at record ${to}` }), evidence, notifications: [] };
}

/** A publication of one notification to each of `sinks`. */
export function announcement(release: string, id: string, sinks: readonly string[]): Publication {
  const row = releaseRow(release);
  const { service, environment } = row;
  const notification = { id, kind: 'gate' as const, release, service, environment, text: 'approve', at: row.startedAt };
  return { row, evidence: [], notifications: sinks.map((sink) => ({ sink, notification })) };
}
