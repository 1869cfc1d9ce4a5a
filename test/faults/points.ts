/** How a release of the matrix ends, and what makes it. */
export type Ending = 'promoted' | 'contracted' | 'breach' | 'aborted' | 'expired' | 'drained';

type When = 'K1' | 'K2' | 'K3';
type Point = { readonly activity: string; readonly when: readonly When[] };

const all: readonly When[] = ['K1', 'K2', 'K3'];
const every = (...activities: readonly string[]): readonly Point[] =>
  activities.map((activity) => ({ activity, when: all }));

/** Every activity of a release up to its gate, in its order; `#n` is the n-th time it is run. */
const toTheGate: readonly Point[] = [
  ...every('compileRelease', 'preflight', 'migrate#1', 'migrate#2', 'backfill', 'verifyData', 'configure'),
  ...every('setFlag#1', 'setFlag#2', 'deployCanary', 'checkCanary', 'exposeCanary#1', 'exposeCanary#2', 'publish#1'),
  // A watch that is not over has no result yet.
  { activity: 'observe', when: ['K1'] },
];

const toPromotion = every('exposeCanary#3', 'promoteCanary', 'recordRole', 'retireBaseline');
const toContract = every('findReaders#1', 'takeRestorePoint#1', 'renameOldForm', 'verifyData#2', 'dropOldForm');
const backward = [
  ...every('closeTraffic', 'restoreFlag#1', 'restoreFlag#2', 'stopCanary', 'restoreConfiguration'),
  ...every('undoMigration#1', 'undoMigration#2', 'undoMigration#3', 'prove'),
];

const points: { readonly [E in Ending]: readonly Point[] } = {
  promoted: [...toTheGate, ...toPromotion],
  contracted: toContract,
  breach: [...toTheGate, { activity: 'observe', when: ['K2', 'K3'] }, ...backward],
  aborted: [...toTheGate, ...backward],
  expired: [...toTheGate, ...backward],
  // An abort that leads users back step by step; every other point of its way is one of an abort that does not.
  drained: every('drainTraffic', 'stopCanary', 'undoMigration#1', 'prove'),
};

export const endings: readonly Ending[] = ['promoted', 'contracted', 'breach', 'aborted', 'expired', 'drained'];

const named = (found: readonly Point[]): readonly string[] =>
  found.flatMap(({ activity, when }) => when.map((each) => `${activity}:${each}`));

/** Where a worker can be killed on the way to this ending, `activity#n:K1|K2|K3`. */
export const pointsOf = (ending: Ending): readonly string[] => named(points[ending]);

/** Where it can be killed while it brings back a release whose workflow was terminated. */
export const recoveryPoints: readonly string[] = named(
  ['openRecovery', 'closeTraffic', 'restoreFlag#1', 'stopCanary', 'undoMigration#1', 'undoMigration#3', 'prove'].map(
    (activity) => ({ activity, when: all }),
  ),
);

/** Where it can be killed once it has been killed on the way forward. */
export const backwardPoints: readonly string[] = named(backward);
