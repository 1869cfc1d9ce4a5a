import type { BackfillRule } from '../backfill/rule';
import type { Json } from '../json';

export type Slot = 'blue' | 'green';

/** Which slot serves and which one is free; read back from the targets at the start. */
export type Slots = { readonly baseline: Slot; readonly canary: Slot };

/** The parts of a migration that change something, in the order in which they run. */
export const sqlParts = ['expand', 'backfill', 'index', 'switch', 'contract'] as const;
export type SqlPart = (typeof sqlParts)[number];

/** The parts that a descriptor describes one by one; indexes are a list of files. */
export type DescribedPart = Exclude<SqlPart, 'index'>;
export const describedParts = sqlParts.filter((part): part is DescribedPart => part !== 'index');

export type SqlFile = { readonly path: string; readonly sql: string; readonly sha256: string };

/** What must be so before a contract part removes the old form, and how it goes; times in milliseconds. */
export type ContractRule = {
  /** How long nobody may have read or written the old form; 0: only what depends on it counts. */
  readonly quietMs: number;
  readonly checkEveryMs: number;
  /** How long the old form stays under another name before it is dropped. */
  readonly renamedMs: number;
  /** How long the copy of what was removed is kept. */
  readonly keepMs: number;
};

/** For how long an exposure outlives the engine, and whether it needs a sentinel at all. */
export type LeaseRule = { readonly ttlMs: number; readonly isRequired: boolean };

/** What every effect knows of where it acts: a target that is changed in mid-release is noticed before it is touched. */
type Placed = { readonly targetDigest?: string };

/** One undoable change. `key` is unique in the plan and names the effect in journal, targets and evidence. */
export type Effect = Placed &
  (
    | {
        readonly kind: 'migrate';
        readonly key: string;
        readonly target: string;
        readonly migration: string;
        readonly part: SqlPart;
        readonly apply: SqlFile;
        readonly undo: SqlFile | { readonly skip: string };
        readonly check?: SqlFile;
        /** Only where the part is a backfill. */
        readonly backfill?: BackfillRule;
        /** Queries of the rows that the undo could not keep, with their key as the first column. */
        readonly losses?: readonly SqlFile[];
        /** Whose migration it is, for the lineage; absent in plans of older workers. */
        readonly origin?: { readonly service: string; readonly version: string };
        /** On contract parts; absent in plans of older workers, which contract without these steps. */
        readonly rule?: ContractRule;
      }
    | {
        readonly kind: 'configure';
        readonly key: string;
        readonly target: string;
        readonly set: { readonly [key: string]: string | number | boolean | null };
      }
    | {
        readonly kind: 'flag';
        readonly key: string;
        readonly target: string;
        readonly flag: string;
        readonly value: Json;
        readonly killSwitch: boolean;
        /** For whoever is served by the version of the release, until everybody is. */
        readonly follows?: 'traffic';
        /** What such a flag becomes once everybody is. */
        readonly isOpening?: boolean;
        /** The cohort whose tenants the value lists; only where the descriptor names one. */
        readonly cohort?: string;
      }
    /** The new login becomes valid beside the one in use. */
    | {
        readonly kind: 'rotate';
        readonly key: string;
        readonly target: string;
        readonly login: string;
        /** The login in use. */
        readonly from: string;
      }
    /** The old login goes; only in contract. */
    | {
        readonly kind: 'revoke';
        readonly key: string;
        readonly target: string;
        readonly login: string;
        /** Where it is named which login is in use, and by what it shows which slot serves. */
        readonly named: { readonly configuration: string; readonly setting: string; readonly traffic: string };
        readonly rule: ContractRule;
      }
    | { readonly kind: 'deploy'; readonly key: string; readonly target: string; readonly version: string }
    | { readonly kind: 'expose'; readonly key: string; readonly target: string; readonly lease: LeaseRule }
  );

export type EffectKind = Effect['kind'];

/** Proof for a worker that this effect belongs to the sealed plan of this very release. */
export type SealedEffect = { readonly effect: Effect; readonly mac: string };

/** The undo of one effect, as data. `requires` names compensations that must be verified before it may run. */
export type Compensation = {
  readonly effectKey: string;
  readonly title: string;
  readonly requires: readonly string[];
};
