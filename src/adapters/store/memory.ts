import { PortError } from '../../ports/errors';
import type { Publication, ReleaseRow } from '../../core/evidence/publication';
import type { OutboxItem, SampleRow, ServiceRole, StoredEvidence, StorePort } from '../../ports/store';
import { chainPublication, newestSeq, outboxId } from './chain-publication';
import { createKeptReleases } from './memory-kept';

export type MemoryStore = StorePort & {
  /** While down, every call fails with TargetUnavailable. */
  setDown(isDown: boolean): void;
  /** What was kept beside the evidence, by digest. */
  erasable(digest: string): string | undefined;
};

type Item = OutboxItem & { readonly dueMs: number; readonly isDelivered: boolean };

/** The store in memory; gone with the process. `nowMs` is the clock of its leases. */
export function createMemoryStore(nowMs: () => number = Date.now): MemoryStore {
  const releases = new Map<string, { readonly row: ReleaseRow; readonly lastSeq: number }>();
  const evidence = new Map<string, readonly StoredEvidence[]>();
  const samples = new Map<string, readonly SampleRow[]>();
  const roles = new Map<string, ServiceRole>();
  const outbox = new Map<string, Item>();
  const keptReleases = createKeptReleases({ nowMs, rowOf: (release) => releases.get(release)?.row });
  const erasable = new Map<string, string>();
  let isDown = false;

  const call = <T>(what: string, work: () => T): Promise<T> => {
    const next = 'switch it on, then try again';
    if (isDown)
      return Promise.reject(new PortError('TargetUnavailable', `${what} on store (memory): it is down; ${next}`));
    // Copies go in and come out, as through a database: nobody shares objects with the store.
    return Promise.resolve().then(() => structuredClone(work()));
  };
  const publish = (publication: Publication) => {
    const { row, notifications } = publication;
    const stored = evidence.get(row.release) ?? [];
    const fresh = chainPublication(publication, { last: stored.at(-1), repeated: stored });
    const before = releases.get(row.release);
    const seq = newestSeq(publication);
    if (before === undefined || seq >= before.lastSeq) {
      releases.set(row.release, { row: normalise(row), lastSeq: seq });
    }
    evidence.set(row.release, [...stored, ...structuredClone(fresh)]);
    for (const { sink, notification } of notifications) {
      const id = outboxId(sink, notification.id);
      if (outbox.has(id)) continue;
      outbox.set(id, { id, sink, notification: { ...notification }, attempts: 0, dueMs: nowMs(), isDelivered: false });
    }
  };
  const endRelease = (row: ReleaseRow) => {
    const before = releases.get(row.release);
    if (before?.row.endedAt !== undefined) return;
    releases.set(row.release, { row: normalise(row), lastSeq: before?.lastSeq ?? 0 });
  };
  const takeOutbox = (limit: number, leaseMs: number): readonly OutboxItem[] => {
    const now = nowMs();
    const due = [...outbox.values()].filter(({ isDelivered, dueMs }) => !isDelivered && dueMs <= now);
    return due
      .sort((a, b) => a.dueMs - b.dueMs)
      .slice(0, limit)
      .map((item) => {
        const attempts = item.attempts + 1;
        outbox.set(item.id, { ...item, attempts, dueMs: now + leaseMs });
        return { id: item.id, sink: item.sink, notification: item.notification, attempts };
      });
  };
  const settleOutbox = (...[id, outcome]: Parameters<StorePort['settleOutbox']>) => {
    const item = outbox.get(id);
    if (item === undefined || item.isDelivered) return;
    const change = outcome.delivered ? { isDelivered: true } : { dueMs: nowMs() + outcome.retryInMs };
    outbox.set(id, { ...item, ...change });
  };
  const addSamples = (release: string, rows: readonly SampleRow[]) => {
    const all = [...(samples.get(release) ?? []), ...structuredClone(rows)];
    const distinct = new Map(all.map((row) => [JSON.stringify([row.atMs, row.sample]), row]));
    samples.set(
      release,
      [...distinct.values()].sort((a, b) => a.atMs - b.atMs),
    );
  };
  const list = (environment: string, limit: number) =>
    [...releases.values()]
      .map(({ row }) => row)
      .filter((row) => row.environment === environment)
      .sort((a, b) => compare(b.startedAt, a.startedAt) || compare(a.release, b.release))
      .slice(0, limit);
  const roleKey = (environment: string, service: string) => JSON.stringify([environment, service]);
  return {
    keepErasable: (_release, digest, content) =>
      call('keeping erasable evidence', () => void erasable.set(digest, content)),
    erasable: (digest) => erasable.get(digest),
    publish: (publication) => call('publishing', () => publish(publication)),
    endRelease: (row) => call('ending a release', () => endRelease(row)),
    evidence: (release) => call('reading evidence', () => evidence.get(release) ?? []),
    keep: (kept) => call('keeping a release', () => keptReleases.keep(kept)),
    kept: (release) => call('reading what was kept', () => keptReleases.find(release)),
    row: (release) => call('reading a release', () => releases.get(release)?.row),
    keptReleases: (environment, service, limit) =>
      call('listing releases', () => keptReleases.list(environment, service, limit)),
    promotedSettings: (environment, service, limit) =>
      call('reading what was promoted', () => keptReleases.promotedSettings(environment, service, limit)),
    lastSeq: (release) => call('reading evidence', () => evidence.get(release)?.at(-1)?.seq ?? 0),
    addSamples: (release, rows) => call('adding samples', () => addSamples(release, rows)),
    samples: (release) => call('reading samples', () => samples.get(release) ?? []),
    releases: (environment, limit) => call('listing releases', () => list(environment, limit)),
    role: (environment, service) => call('reading a role', () => roles.get(roleKey(environment, service))),
    recordRole: (environment, service, role) =>
      call('recording a role', () => void roles.set(roleKey(environment, service), { ...role })),
    takeOutbox: (limit, leaseMs) => call('taking notifications', () => takeOutbox(limit, leaseMs)),
    settleOutbox: (id, outcome) => call('settling a notification', () => settleOutbox(id, outcome)),
    ping: () => call('ping', () => undefined),
    close: () => Promise.resolve(),
    setDown: (down) => {
      isDown = down;
    },
  };
}

/** Times as the database gives them back. */
function normalise({ startedAt, endedAt, ...row }: ReleaseRow): ReleaseRow {
  return {
    ...row,
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
