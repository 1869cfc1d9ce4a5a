import type { ReleaseEvent } from '../release/events';
import type { ReleaseState } from '../release/state';
import type { Json } from '../json';
import { without } from '../without';
import type { EvidenceRecord } from './record';

const types = {
  compiled: 'started',
  refused: 'refusal',
  'snapshot-taken': 'snapshot',
  'snapshot-kept': 'checkpoint',
  'stage-started': 'checkpoint',
  'stage-done': 'checkpoint',
  'effect-intended': 'intent',
  'effect-done': 'effect',
  'gate-opened': 'checkpoint',
  'gate-reminded': 'checkpoint',
  approved: 'approval',
  rejected: 'approval',
  'message-refused': 'refusal',
  paused: 'decision',
  resumed: 'decision',
  'watch-changed': 'decision',
  'split-lost': 'drift',
  'split-restored': 'drift',
  'schemas-read': 'checkpoint',
  'drift-found': 'drift',
  'drift-answered': 'drift',
  failed: 'decision',
  escalated: 'decision',
  'drain-progressed': 'compensation',
  recovered: 'decision',
  'compensation-started': 'intent',
  'compensation-verified': 'compensation',
  'compensation-stuck': 'compensation',
  'compensation-retried': 'compensation',
  'compensation-waived': 'compensation',
  'data-chosen': 'approval',
  reconciled: 'checkpoint',
  'proof-taken': 'proof',
  settled: 'checkpoint',
  'store-away': 'gap',
  'evidence-late': 'gap',
  ended: 'ended',
} as const satisfies Record<ReleaseEvent['type'], EvidenceRecord['type']>;

/** What the run that was cut off had done, stage by stage: what it had not published is in no other record. */
const foundIn = ({ phase, stage, stages, journal, gates, compensations }: ReleaseState): unknown => ({
  phase,
  stage,
  stages: stages.filter(({ state }) => state !== 'waiting'),
  journal,
  gates,
  compensations,
});

// A sealed plan is stored by its digest: the plan itself stands in the history and the read-model.
function plain(event: ReleaseEvent): unknown {
  if (event.type === 'compiled') return { type: event.type, seal: event.sealed.seal, mac: event.sealed.mac };
  if (event.type === 'recovered') {
    // The store keeps what a rollback needs, and nothing of what was done.
    const isTold = event.state !== undefined && event.from !== 'store';
    return { ...without(event, 'state'), ...(isTold ? { found: foundIn(event.state) } : {}) };
  }
  return event;
}

function actorOf(event: ReleaseEvent): string {
  if (event.type === 'failed') return event.failure.by ?? 'spillway';
  return 'by' in event ? event.by : 'spillway';
}

const isJsonObject = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function detailOf(event: ReleaseEvent): EvidenceRecord['detail'] {
  const copy: unknown = JSON.parse(JSON.stringify(plain(event)));
  return isJsonObject(copy) ? copy : {};
}

/** The evidence of one event, as it is hashed and stored. */
export const recordOf = (event: ReleaseEvent, seq: number, atMs: number): EvidenceRecord => ({
  seq,
  at: new Date(atMs).toISOString(),
  type: types[event.type],
  actor: actorOf(event),
  detail: detailOf(event),
});
