import type { Slots } from '../../../src/core/plan/effects';
import type { Plan } from '../../../src/core/plan/plan';
import type { GateMessage, StuckMessage } from '../../../src/core/release/messages';
import type { Proof } from '../../../src/core/release/proof';
import type { Attempt, Task } from '../server/activity';
import { shareOf, signatureOf, type World } from '../world';

/** What is judged, and by whom it was asked for. */
export type Subject = {
  readonly world: World;
  readonly plan: Plan;
  readonly roles: Slots;
  readonly requestedBy: string;
  readonly nowMs: () => number;
};

/** What has happened so far, told by the world and the server; nothing in it is the workflow's own word. */
export type Story = Subject & {
  /** What must never be and was. */
  readonly broken: string[];
  /** The world as the release found it. */
  readonly before: string;
  /** The canary's share of the users now. */
  share: number;
  /** Effects that were asked for. */
  readonly intended: Set<string>;
  readonly undone: Set<string>;
  readonly waived: Set<string>;
  readonly waivers: StuckMessage[];
  readonly approvals: GateMessage[];
  /** Stages whose evidence says that they may be left. */
  readonly advanced: Set<string>;
  /** When the server last told an attempt that it is still wanted. */
  readonly askedAtMs: WeakMap<Attempt, number>;
  /** Watches of the exposure that were scheduled, and of whose end the workflow has not been told. */
  readonly watches: Set<Task>;
  isWatchDone: boolean;
  mustNotPromote: string | undefined;
  isPromoteDelivered: boolean;
  isRoleRefused: boolean;
  turnedAtMs: number | undefined;
  isPaused: boolean;
  /** Approvals that a gate has counted: gate and id. */
  readonly counted: Set<string>;
  isAborted: boolean;
  /** A worker that nobody waited for any more wrote something. */
  wasLate: boolean;
  lastLateAtMs: number;
  /** It wrote when the proof may have been taken already. */
  wasLateSinceProof: boolean;
  /** It wrote when even the guard of the ending had gone home. */
  wasLateBehindGuard: boolean;
  /** Changes by nobody's hand. */
  incidents: number;
  proof: Proof | undefined;
  /** Set once its run was terminated: whether there was nothing to take back any more. */
  lost: { readonly isOver: boolean } | undefined;
  endings: number;
  endedAtMs: number;
  ending: string | undefined;
};

export const newStory = (subject: Subject): Story => ({
  ...subject,
  broken: [],
  before: signatureOf(subject.world),
  share: shareOf(subject.world, subject.roles.canary),
  intended: new Set(),
  undone: new Set(),
  waived: new Set(),
  waivers: [],
  approvals: [],
  advanced: new Set(),
  askedAtMs: new WeakMap(),
  watches: new Set(),
  isWatchDone: false,
  mustNotPromote: undefined,
  isPromoteDelivered: false,
  isRoleRefused: false,
  turnedAtMs: undefined,
  isPaused: false,
  counted: new Set(),
  isAborted: false,
  wasLate: false,
  lastLateAtMs: -Infinity,
  wasLateSinceProof: false,
  wasLateBehindGuard: false,
  incidents: 0,
  proof: undefined,
  lost: undefined,
  endings: 0,
  endedAtMs: Infinity,
  ending: undefined,
});

const mostBroken = 20;

export function fail({ broken }: Story, what: string): void {
  if (broken.length < mostBroken) broken.push(what);
}

export const isWaived = ({ waived }: Story, kind: string): boolean =>
  [...waived].some((key) => key.startsWith(`${kind}/`));
