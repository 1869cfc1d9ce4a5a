import { brokenCompensations, brokenNetCounts } from './effects';
import { brokenBlindness, brokenSilence } from './absence';
import { brokenDrain } from './drain';
import { brokenChains, brokenIntents } from './evidence';
import type { Facts } from './facts';
import { brokenLedger, brokenLeftOvers } from './left-overs';
import { brokenExposure, brokenWeights } from './traffic';

type Invariant = {
  readonly name: string;
  /** What is broken, each in one sentence; nothing when it holds. */
  readonly broken: (facts: Facts) => readonly string[];
};

const mostAttempts = 60;
const isPromoted = ({ story }: Facts): boolean => story.expected === 'Promoted';

function brokenSchema({ story, schema, schemas, misfits }: Facts): readonly string[] {
  const wanted =
    story.expected !== 'Promoted' ? schemas.baseline : story.isContracted ? schemas.contracted : schemas.expanded;
  return [
    ...(schema === wanted ? [] : [`the schema is neither as before nor as planned:\n${schema}\nwanted\n${wanted}`]),
    ...misfits.map((misfit) => `a version met a schema that it could not write to: ${misfit}`),
  ];
}

function brokenRows({ rows, written, baseRows }: Facts): readonly string[] {
  const found = new Map<string, { name: string; total: number; count: number }>();
  for (const { ref, name, total } of rows) found.set(ref, { name, total, count: (found.get(ref)?.count ?? 0) + 1 });
  return [...baseRows, ...written].flatMap(({ ref, name, total, orTotals = [] }) => {
    const row = found.get(ref);
    if (row === undefined) return [`row ${ref} is lost`];
    if (row.count !== 1) return [`row ${ref} is there ${row.count} times`];
    return row.name === name && [total, ...orTotals].includes(row.total)
      ? []
      : [`row ${ref} was changed: ${row.name}, ${row.total}`];
  });
}

const json = (text: string): string => {
  const value: unknown = JSON.parse(text);
  const sorted = (_: string, each: unknown): unknown =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each;
  return JSON.stringify(value, sorted);
};

function brokenFiles(facts: Facts): readonly string[] {
  const { before, after } = facts.files;
  if (!isPromoted(facts))
    return (['blue', 'green', 'flags'] as const)
      .filter((file) => before[file] !== after[file])
      .map((file) => `file ${file} is not byte for byte as before: ${after[file]}`);
  const wanted = {
    blue: json(before.blue),
    green: json('{"limit":2,"theme":"plain"}'),
    flags: json('{"flags":{"two-names":true,"stop-checkout":false}}'),
  };
  return (['blue', 'green', 'flags'] as const)
    .filter((file) => json(after[file]) !== wanted[file])
    .map((file) => `file ${file} is not as planned: ${after[file]}`);
}

function brokenApprovals({ story, evidence }: Facts): readonly string[] {
  const recorded = evidence.flatMap(({ type, detail }) => {
    if (type === 'approval' && detail['type'] === 'approved') return [String(detail['id'])];
    // A contract says at its end who approved it.
    const given = type === 'ended' && Array.isArray(detail['approvals']) ? detail['approvals'] : [];
    return given.map((approval: { readonly id?: unknown }) => String(approval.id));
  });
  const lost = story.acceptedApprovals.filter((id) => !recorded.includes(id));
  const twice = recorded.filter((id, index) => recorded.indexOf(id) !== index);
  return [...lost.map((id) => `approval ${id} is lost`), ...twice.map((id) => `approval ${id} was used twice`)];
}

/**
 * What the server makes of good tasks: a signal came while one ended its workflow, or an update that was given twice, to a
 * worker that stood still and to the one that took over, had its answer already. It gives the task again.
 */
const notOurs: readonly RegExp[] = [
  /^UnhandledCommand$/,
  /^BadUpdateWorkflowExecutionMessage: .* while in state Completed$/,
];

function brokenEnds({ workflows, history, story }: Facts): readonly string[] {
  const open = workflows.filter(
    ({ workflowId, status, sentence }) =>
      // What keeps watch over the rest after an ending has a time of its own.
      status === 'RUNNING' && !/gate /.test(sentence) && !workflowId.startsWith('reconcile/'),
  );
  const looping = history.filter(({ attempt = 0 }) => attempt > mostAttempts);
  const failed = history.filter(
    ({ type, failure }) =>
      type === 'WORKFLOW_TASK_FAILED' && failure !== undefined && !notOurs.some((is) => is.test(failure.message)),
  );
  return [
    ...open.map(({ workflowId, sentence }) => `${workflowId} is still open: ${sentence}`),
    ...looping.map(({ activity, attempt }) => `${activity ?? 'a task'} was tried ${attempt} times`),
    ...failed.map(({ failure }) => `a workflow task failed: ${failure?.message}`),
    ...story.points.filter((point) => !story.fired.includes(point)).map((point) => `${point} was never reached`),
  ];
}

function brokenSecrecy({ texts, secrets, replayFaults }: Facts): readonly string[] {
  const told = Object.entries(texts).flatMap(([where, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `secret ${secret.slice(0, 9)}… is in ${where}`),
  );
  return [...told, ...replayFaults];
}

function brokenNotices({ outbox, received, story }: Facts): readonly string[] {
  const ids = new Set(received.map(({ id }) => id));
  const bodies = new Map<string, string>();
  const differing = received.filter(({ id, body }) => {
    const known = bodies.get(id);
    bodies.set(id, body);
    return known !== undefined && known !== body;
  });
  const told = `ended/${story.expected}`;
  return [
    ...outbox.filter(({ isDelivered }) => !isDelivered).map(({ id }) => `notice ${id} was not delivered`),
    ...(outbox.length === 0 ? ['nobody was told anything'] : []),
    ...([...ids].some((id) => id.includes(told)) ? [] : [`nobody was told ${told}`]),
    ...differing.map(({ id }) => `notice ${id} came with two contents`),
  ];
}

/** What people read of each cause. */
export const causes = {
  GuardrailBroken: /http-errors|errors/i,
  Aborted: /enough/,
  GateExpired: /gate full/i,
  Recovered: /recovered it/,
  SlotOutOfService: /in maint/,
  LeaseExpired: /[Tt]he lease of .* (is lost|was acknowledged)/,
} as const;

function brokenCause({ story, workflows, history }: Facts): readonly string[] {
  const release = workflows.find(({ workflowId }) => workflowId.startsWith('release/'));
  const closing = history.findLast(({ type }) =>
    /^WORKFLOW_EXECUTION_(COMPLETED|FAILED|TERMINATED|CANCELED)$/.test(type),
  );
  const ended = history.find(
    ({ type, workflowId }) => type === 'WORKFLOW_EXECUTION_FAILED' && workflowId.startsWith('release/'),
  );
  const found = ended?.failure?.type ?? (release?.status === 'COMPLETED' ? 'Promoted' : (closing?.type ?? 'open'));
  if (found !== story.expected)
    return [`it ended ${found} instead of ${story.expected}: ${ended?.failure?.message ?? release?.sentence}`];
  if (story.cause === undefined) return [];
  const shown = `${release?.sentence} ${ended?.failure?.message ?? ''}`;
  return causes[story.cause].test(shown) ? [] : [`the cause was ${story.cause}, but people read: ${shown}`];
}

/** What must hold after every case, whatever died in it. */
export const invariants: readonly Invariant[] = [
  {
    name: 'I1 weights are allowed ones and safe soon after a failure',
    broken: (facts) => [...brokenWeights(facts), ...brokenSilence(facts)],
  },
  {
    name: 'I2 nobody is exposed beyond what was approved, nor again on the way back',
    broken: (facts) => [...brokenExposure(facts), ...brokenDrain(facts), ...brokenBlindness(facts)],
  },
  { name: 'I3 the schema is as before or as planned, and fits the versions that run', broken: brokenSchema },
  { name: 'I4 every row that was written is there once, as it was written', broken: brokenRows },
  { name: 'I5 configuration and flags are as before or as planned', broken: brokenFiles },
  {
    name: 'I6 effects happened once, net, and were undone in their order',
    broken: (facts) => [...brokenNetCounts(facts), ...brokenCompensations(facts)],
  },
  { name: 'I7 every accepted approval is recorded and used once', broken: brokenApprovals },
  {
    name: 'I8 the evidence is whole and every intent resolved',
    broken: (facts) => [...brokenChains(facts), ...brokenIntents(facts)],
  },
  { name: 'I9 everything is over or waits at a named gate', broken: brokenEnds },
  { name: 'I10 histories replay, and no secret is anywhere', broken: brokenSecrecy },
  { name: 'I11 every change of state was told, once a fact', broken: brokenNotices },
  { name: 'I12 the cause that people read is the one that was injected', broken: brokenCause },
  { name: 'I13 nothing of a change is left in the database but what is listed', broken: brokenLeftOvers },
  { name: 'I14 ledger and lineage say what is applied', broken: brokenLedger },
];

/** Everything that is broken, each with the name of its invariant. */
export const brokenOf = (facts: Facts): readonly string[] =>
  invariants.flatMap(({ name, broken }) => broken(facts).map((what) => `${name.split(' ')[0]}: ${what}`));
