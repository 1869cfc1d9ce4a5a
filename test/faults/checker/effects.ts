import type { Facts, HistoryEvent } from './facts';

const undoes: { readonly [activity: string]: true } = {
  closeTraffic: true,
  drainTraffic: true,
  stopCanary: true,
  restoreConfiguration: true,
  restoreFlag: true,
  undoMigration: true,
};

type Undo = { readonly effect: string; readonly scheduledAtMs: number; readonly completedAtMs: number };

const completionOf = (history: readonly HistoryEvent[], { id, runId }: HistoryEvent): number =>
  history.find((event) => event.type === 'ACTIVITY_TASK_COMPLETED' && event.scheduledId === id && event.runId === runId)
    ?.atMs ?? Infinity;

/** What runs through a whole stage, or beside the release. */
const always: ReadonlySet<string> = new Set([
  'observe',
  'publish',
  'watchEnding',
  'watchSettings',
  'recordRole',
  'readLastSeq',
  'keepRelease',
]);

/** The activity that was under way at a moment, by the server's record, with the effect it was about. */
export function runningAt(history: readonly HistoryEvent[], atMs: number): string {
  const open = history.find(
    (event) =>
      event.type === 'ACTIVITY_TASK_SCHEDULED' &&
      !always.has(event.activity ?? '') &&
      event.atMs <= atMs &&
      atMs < completionOf(history, event),
  );
  return open === undefined ? 'a wait' : [open.activity, open.effect].filter((word) => word !== undefined).join(' ');
}

/** Without the runs that were terminated: what they had begun to undo, the run after them undoes again. */
function withoutCut(history: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const cut = new Set(history.filter(({ type }) => type === 'WORKFLOW_EXECUTION_TERMINATED').map(({ runId }) => runId));
  return history.filter(({ runId }) => !cut.has(runId));
}

/** When each undo began and was first done, by the server's own record: one that failed is tried again. */
function undosOf(history: readonly HistoryEvent[]): readonly Undo[] {
  const found = new Map<string, Undo>();
  for (const event of history) {
    const { type, activity = '', effect = '', atMs } = event;
    if (type !== 'ACTIVITY_TASK_SCHEDULED' || !Object.hasOwn(undoes, activity)) continue;
    const { scheduledAtMs, completedAtMs } = found.get(effect) ?? { scheduledAtMs: atMs, completedAtMs: Infinity };
    const doneAtMs = Math.min(completedAtMs, completionOf(history, event));
    found.set(effect, { effect, scheduledAtMs, completedAtMs: doneAtMs });
  }
  return [...found.values()];
}

/** The order in which migrations went forward. */
const migrationsOf = (history: readonly HistoryEvent[]): readonly string[] => [
  ...new Set(
    history
      .filter(
        ({ type, activity }) =>
          type === 'ACTIVITY_TASK_SCHEDULED' && /^(migrate|backfill|renameOldForm)$/.test(activity ?? ''),
      )
      .map(({ effect = '' }) => effect),
  ),
];

const kindOf = (effect: string): string =>
  /^flag\/.*\/stop-checkout$/.test(effect) ? 'kill-switch' : (effect.split('/')[0] ?? '');

/** What has to be undone before an effect may be: users first, then code, then settings and data. */
const before: { readonly [kind: string]: readonly string[] } = {
  expose: [],
  'kill-switch': [],
  deploy: ['expose'],
  configure: ['expose', 'deploy'],
  flag: ['expose', 'deploy'],
  migrate: ['expose', 'deploy'],
};

/** I6: each undo began when those before it were done, and migrations went back in the reverse of their order. */
export function brokenCompensations({ story, history }: Facts): readonly string[] {
  if (story.expected === 'Promoted') return [];
  const undos = undosOf(withoutCut(history));
  const forward = migrationsOf(history);
  // What a run that was cut off only meant to begin has no place in the order.
  const isLater = (first: string, then: string): boolean =>
    forward.includes(then) && forward.indexOf(first) > forward.indexOf(then);
  const isBefore = (first: string, then: string): boolean =>
    (before[kindOf(then)] ?? []).includes(kindOf(first)) ||
    (kindOf(first) === 'migrate' && kindOf(then) === 'migrate' && isLater(first, then));
  const early = undos.flatMap((then) =>
    undos
      .filter((first) => isBefore(first.effect, then.effect) && first.completedAtMs > then.scheduledAtMs)
      .map((first) => `${then.effect} was undone before ${first.effect} was`),
  );
  const missing = forward.filter((effect) => !undos.some((undo) => undo.effect === effect));
  return [...early, ...missing.map((effect) => `${effect} was begun and never undone`)];
}

/** I6: what happened net, told by marks that each application leaves: once where it stays, not at all where it was undone. */
export function brokenNetCounts({ story, marks, filled, baseRows, slots, starts }: Facts): readonly string[] {
  const isPromoted = story.expected === 'Promoted';
  const wanted: { [part: string]: number } = isPromoted ? Object.fromEntries(story.marks.map((part) => [part, 1])) : {};
  const parts = [...new Set([...Object.keys(marks), ...Object.keys(wanted)])];
  const wrong = parts
    .filter((part) => (marks[part] ?? 0) !== (wanted[part] ?? 0))
    .map((part) => `${part} is applied ${marks[part] ?? 0} times, not ${wanted[part] ?? 0}`);
  const isFilled =
    isPromoted && story.countsFills
      ? Object.keys(filled).length === 1 && filled['1'] === baseRows.length
      : Object.keys(filled).length === 0;
  const restarted = Object.entries(starts).filter(([release, times]) => release !== 'by-hand' && times > 1);
  const [serving, idle] = isPromoted ? ([slots.green, slots.blue] as const) : ([slots.blue, slots.green] as const);
  const version = isPromoted ? story.version : '1.0.0';
  return [
    ...wrong,
    ...(isFilled ? [] : [`rows were filled ${JSON.stringify(filled)} times`]),
    ...restarted.map(([release, times]) => `release ${release} was deployed ${times} times`),
    ...(serving?.version === version ? [] : [`${serving?.version ?? 'nothing'} serves instead of ${version}`]),
    ...(idle === undefined ? [] : [`${idle.version} still runs beside it`]),
  ];
}
