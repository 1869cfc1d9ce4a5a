import type { Members } from '../cohorts/members';
import type { Json } from '../json';
import type { Slots } from '../plan/effects';
import type { Answers } from './band';
import type { GuardrailReadings } from './guardrail-band';

/** `drain`: nobody new, sessions that are pinned to the slot still reach it; its weight is 0. */
export type SlotState = 'ready' | 'drain' | 'maint';

export type SlotWorld = {
  /** Share wanted at the proxy, 0 to 100. */
  readonly weight: number;
  readonly state: SlotState;
  readonly version: string | null;
  readonly running: boolean;
  /** Whether the platform says that what runs answers; absent in snapshots of older workers. */
  readonly isReady?: boolean;
  /** Share of the full load the platform says it has capacity for; absent where it does not say. */
  readonly capacityPercent?: number;
  /** Requests a second the platform says it has capacity for; absent where it does not say. */
  readonly capacityRps?: number;
  readonly release: string | null;
};

/** The touched objects as they are at one moment; taken before the first change and again for the proof. */
export type World = {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly slots: { readonly blue: SlotWorld; readonly green: SlotWorld };
  /** Who is sent by shares of their own; absent where nobody is. */
  readonly members?: Members;
  readonly schemas: { readonly [target: string]: { readonly [object: string]: string } };
  readonly configuration: { readonly [target: string]: { readonly blue: string; readonly green: string } };
  /** `null` in a one-element list stands for a flag that does not exist. */
  readonly flags: { readonly [target: string]: { readonly [flag: string]: readonly [Json] | null } };
  /** `open`, `closed` or `revoked`, of every login of the credentials that are rotated; absent where none are. */
  readonly credentials?: { readonly [target: string]: { readonly [login: string]: string } };
  /** Rows that each declared data invariant returned; 0 means right. */
  readonly invariants: { readonly [id: string]: number };
  /** Share of bad answers of the baseline while this was taken, and of how many. */
  readonly baselineErrors: Answers;
  /** Requests a second of all users meanwhile; absent where it was not measured. */
  readonly loadRps?: number;
  /** What the plan's guardrails said of the baseline over the last minute; absent where there are none. */
  readonly guardrails?: GuardrailReadings;
};

export type Snapshot = { readonly world: World; readonly roles: Slots };
