import {
  changesSince,
  describeDifferences,
  schemaDifferences,
  schemaKey,
  targetOfSchema,
  type SchemasLeft,
} from '../core/drift/schema-drift';
import { toolOf } from '../core/plan/compile-tools';
import type { SealedEffect } from '../core/plan/effects';
import type { Permit } from '../core/plan/plan';
import { mayBeTheirs } from '../core/release/schema-owner';
import type { MigrateEffect, MigrationsPort } from '../ports/migrations';
import { calmBeatMs } from './drift';
import { isSuperseded } from './fence';
import { keepAlive } from './keep-alive';
import { lookForNews, type Looked } from './look-for-news';
import { checkSnapshot, openEffect, type KeptSnapshot } from './permit';
import type { Ports } from './ports';

export type ReadSchemasInput = {
  readonly permit: Permit;
  readonly kept: KeptSnapshot;
  /** Parts of migrations that ran: what may be their work is as they left it. */
  readonly effects: readonly SealedEffect[];
  /** Takes everything as it is, whoever changed it. */
  readonly takesAll?: boolean;
};

export type WatchSchemasInput = {
  readonly permit: Permit;
  readonly kept: KeptSnapshot;
  readonly left: SchemasLeft;
  /** What is known to differ, as it was found, by key. */
  readonly known: { readonly [key: string]: string };
  readonly forMs?: number;
  /** Parts that may run meanwhile: what may be their work is not watched. */
  readonly beside?: readonly SealedEffect[];
  /** Past an ending: first run id of the release, or of its recovery, that ended. */
  readonly endedBy?: string;
};

const leastRestMs = 1_500;
/** A look at a large catalog is work for its server: where nothing changes it costs no more than a tenth of one processor. */
const restShare = 9;

const isChangedTable = ({ object, is }: { readonly object: string; readonly is: string }): boolean =>
  is === 'changed' && object.startsWith('table ');

/** Whether an object may be the work of these parts; a tool's files are not read as SQL, so everything may be its work. */
function maybeOf(ports: Ports, effects: readonly MigrateEffect[], target: string): (object: string) => boolean {
  const own = effects.filter((effect) => effect.target === target);
  if (own.length === 0) return () => false;
  return own.some((effect) => toolOf(ports.environment, effect) !== undefined) ? () => true : mayBeTheirs(own, target);
}

/** Reads a schema again only where its version says that something was changed. */
function createReader(
  { now }: Pick<Ports, 'now'>,
  port: MigrationsPort,
  differ: (found: { readonly [object: string]: string }) => Promise<string | undefined>,
) {
  let last: { readonly version: string; readonly observed: string | undefined } | undefined;
  let tookMs = 0;
  let versionMs = 0;
  return {
    /** How long it takes to ask for the version; once may be this process standing still, and is no work for the server. */
    versionMs: (): number => versionMs,
    read: async (): Promise<string | undefined> => {
      const sinceMs = now();
      const version = await port.schemaVersion();
      versionMs = Math.min(tookMs, now() - sinceMs);
      tookMs = now() - sinceMs;
      if (last?.version !== version) last = { version, observed: await differ(await port.snapshot()) };
      return last.observed;
    },
  };
}

/** Looks after the schemas that a release migrated. Only reads: what somebody else did there is for its owners. */
export const createSchemaDriftActivities = (ports: Ports) => {
  const openParts = (permit: Permit, effects: readonly SealedEffect[]): readonly MigrateEffect[] =>
    effects.map((sealed) => openEffect(ports, permit, sealed, 'migrate'));

  return {
    /** What the migrations left, as the difference from the snapshot. */
    readSchemas: ({ permit, kept, effects, takesAll = false }: ReadSchemasInput): Promise<SchemasLeft> =>
      keepAlive(async () => {
        checkSnapshot(ports, permit.seal, kept);
        const parts = openParts(permit, effects);
        const targets = [...new Set(parts.map(({ target }) => target))];
        const read = async (target: string) => {
          const now = await ports.database(target).snapshot();
          const mayDiffer = takesAll ? () => true : maybeOf(ports, parts, target);
          return [target, changesSince(kept.snapshot.world.schemas[target] ?? {}, now, mayDiffer)] as const;
        };
        return Object.fromEntries(await Promise.all(targets.map(read)));
      }),

    /** Comes back when a schema reads differently than it is known to, with null when its time is over. */
    watchSchemas: ({ permit, kept, left, known, forMs, beside = [], endedBy }: WatchSchemasInput): Promise<Looked> =>
      keepAlive(async (signal) => {
        checkSnapshot(ports, permit.seal, kept);
        const others = openParts(permit, beside);
        const readers = new Map(
          Object.entries(left).map(([target, changes]) => {
            const port = ports.database(target);
            const isTheirs = maybeOf(ports, others, target);
            const before = kept.snapshot.world.schemas[target] ?? {};
            const differ = async (now: { readonly [object: string]: string }): Promise<string | undefined> => {
              const found = schemaDifferences(before, changes, now).filter(({ object }) => !isTheirs(object));
              if (found.length === 0) return undefined;
              const tables = found.filter(isChangedTable).map(({ object }) => object);
              return describeDifferences(found, tables.length === 0 ? {} : await port.lastChanges(tables));
            };
            return [target, createReader(ports, port, differ)] as const;
          }),
        );
        return lookForNews(ports, signal, {
          keys: Object.keys(left).map(schemaKey),
          read: async (key) => readers.get(targetOfSchema(key) ?? '')?.read(),
          known,
          forMs,
          restMs: () =>
            Math.max(
              leastRestMs,
              restShare * [...readers.values()].reduce((sum, { versionMs }) => sum + versionMs(), 0),
            ),
          ...(endedBy === undefined ? {} : { isOver: () => isSuperseded(ports, permit, endedBy) }),
        });
      }, calmBeatMs),
  };
};
