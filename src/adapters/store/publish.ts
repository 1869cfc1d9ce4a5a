import type { PoolClient } from 'pg';
import type { EvidenceRecord } from '../../core/evidence/record';
import type { Publication, ReleaseRow } from '../../core/evidence/publication';
import type { StoredEvidence } from '../../ports/store';
import { chainPublication, newestSeq, outboxId } from './chain-publication';

/** Writes a publication in the running transaction. */
export async function publishTo(client: PoolClient, publication: Publication): Promise<void> {
  const { release } = publication.row;
  // First, because it locks the release: two publications of one release go one after the other.
  await writeRow(client, publication.row, newestSeq(publication));
  const last = (await readEvidence(client, release, 'order by seq desc limit 1'))[0];
  const repeated = await readEvidence(client, release, 'and seq = any ($2::int[]) order by seq', [
    publication.evidence.map(({ seq }) => seq),
  ]);
  await writeEvidence(client, release, chainPublication(publication, { last, repeated }));
  await writeNotifications(client, publication);
}

/** A text column cannot hold the character NUL; nothing that is read by people needs it. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

const columns = ['service', 'environment', 'version', 'phase', 'plan_digest', 'sentence', 'started_at', 'ended_at'];

const valuesOf = (row: ReleaseRow): readonly unknown[] => {
  const { release, service, environment, version, phase, planDigest, sentence, startedAt, endedAt } = row;
  return [release, service, environment, version, phase, planDigest, withoutNul(sentence), startedAt, endedAt];
};

/** Ends a row that nobody has ended; its evidence is not touched. */
export async function endRow(client: Pick<PoolClient, 'query'>, row: ReleaseRow): Promise<void> {
  await client.query(
    `insert into spillway_store.releases as r (release, ${columns.join(', ')}, last_seq)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
     on conflict (release) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}
      where r.ended_at is null`,
    [...valuesOf(row)],
  );
}

async function writeRow(client: PoolClient, row: ReleaseRow, seq: number): Promise<void> {
  // A repeated old publication has a lower seq and leaves the row as it is; the update still locks it.
  const isCurrent = '$10::int >= r.last_seq';
  const changes = columns.map((name) => `${name} = case when ${isCurrent} then excluded.${name} else r.${name} end`);
  await client.query(
    `insert into spillway_store.releases as r (release, ${columns.join(', ')}, last_seq)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::int)
     on conflict (release) do update set ${changes.join(', ')}, last_seq = greatest(r.last_seq, excluded.last_seq)`,
    [...valuesOf(row), seq],
  );
}

type EvidenceRow = { seq: number; previous: string; hash: string; record: EvidenceRecord };

/** Stored records of a release; `rest` ends the statement and may use `$2` and on. */
export async function readEvidence(
  client: Pick<PoolClient, 'query'>,
  release: string,
  rest: string,
  values: readonly unknown[] = [],
): Promise<readonly StoredEvidence[]> {
  const { rows } = await client.query<EvidenceRow>(
    `select seq, previous, hash, record from spillway_store.evidence where release = $1 ${rest}`,
    [release, ...values],
  );
  return rows.map(({ previous, hash, record }) => ({ ...record, previous, hash }));
}

async function writeEvidence(client: PoolClient, release: string, records: readonly StoredEvidence[]): Promise<void> {
  const rows = records.map(({ previous, hash, ...record }) => ({ previous, hash, record }));
  await client.query(
    `insert into spillway_store.evidence (release, seq, previous, hash, type, record)
     select $1, * from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::json[])`,
    [
      release,
      rows.map(({ record }) => record.seq),
      rows.map(({ previous }) => previous),
      rows.map(({ hash }) => hash),
      rows.map(({ record }) => record.type),
      rows.map(({ record }) => JSON.stringify(record)),
    ],
  );
}

async function writeNotifications(client: PoolClient, { notifications }: Publication): Promise<void> {
  await client.query(
    `insert into spillway_store.outbox (id, sink, notification)
     select * from unnest($1::text[], $2::text[], $3::json[]) on conflict (id) do nothing`,
    [
      notifications.map(({ sink, notification }) => outboxId(sink, notification.id)),
      notifications.map(({ sink }) => sink),
      notifications.map(({ notification }) => JSON.stringify(notification)),
    ],
  );
}
