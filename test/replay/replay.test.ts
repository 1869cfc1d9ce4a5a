import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowCode } from '../../src/workflow-code';
import { workflowBundle } from '../support/workflow-bundle';
import { version } from '../../package.json';
import { readRecorded, recordedNames, recordedVersions } from './recorded';

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

/** One of every ending and of every notable way through a release. */
const wanted = [
  'aborted-at-gate',
  'aborted-beside-a-refusal',
  'baseline-scaled-down',
  'closed-again',
  'cohorts',
  'continued-as-new-backward',
  'continued-as-new-first',
  'continued-as-new-last',
  'contract-declined',
  'contract-given-back',
  'contract-incomplete',
  'contract-reminded',
  'contracted',
  'credentials-revoked',
  'credentials-taken-back',
  'data-keep',
  'data-lose',
  'drain-broken-off',
  'drain-told-twice',
  'drained',
  'drift-repaired',
  'gate-expired',
  'kill-switch-left',
  'paused-resumed',
  'planned',
  'promoted',
  'promoted-with-gates-and-migrations',
  'reconciled',
  'reconciled-settings',
  'recovered',
  'refused',
  'rollback-incomplete-waived',
  'rolled-back',
  'schema-drift-told',
  'second-controller',
  // Begun before a memo showed the state: recorded no more, as no version of today writes it.
  'shows-no-state',
  'store-away',
  'switched',
  'weights-lost',
];

it('has one recorded history of each ending and notable way', () => {
  expect([...recordedNames(version)].sort()).toEqual(wanted);
});

describe("recorded histories replay on today's workflows", () => {
  const all = recordedVersions.flatMap((each) => recordedNames(each).map((name) => [each, name] as const));
  it.each(all)('%s %s', async (ofVersion, name) => {
    const { workflowId, history } = readRecorded(ofVersion, name);
    try {
      await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
    } catch (error) {
      if (!(error instanceof DeterminismViolationError)) throw error;
      throw new Error(
        `A release of ${ofVersion} that is open when this version takes over would stand still (${name}). ` +
          'Put what changed behind patched(), see docs/how-to/upgrade-the-worker.md; if no release of that version ' +
          'can be open any more, record its histories again: npm run histories.',
        { cause: error },
      );
    }
  });
});

it('notices workflows that do one thing more', async () => {
  const mutated = await workflowBundle({
    ...workflowCode,
    workflowsPath: require.resolve('./mutated-workflows'),
  });
  for (const name of ['promoted', 'rolled-back', 'contracted']) {
    const { workflowId, history } = readRecorded(version, name);
    await expect(Worker.runReplayHistory({ workflowBundle: mutated }, history, workflowId)).rejects.toBeInstanceOf(
      DeterminismViolationError,
    );
  }
});
