import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowCode } from '../../src/workflow-code';
import { workflowBundle } from '../support/release-rig';
import { readRecorded, recordedNames } from './recorded';

const logger = new DefaultLogger('ERROR');
beforeAll(() => void Runtime.install({ logger }));

/** One of every ending and of every notable way through a release. */
const wanted = [
  'aborted-at-gate',
  'continued-as-new-first',
  'continued-as-new-last',
  'contract-declined',
  'contract-incomplete',
  'contracted',
  'gate-expired',
  'paused-resumed',
  'planned',
  'promoted',
  'promoted-with-gates-and-migrations',
  'refused',
  'rollback-incomplete-waived',
  'rolled-back',
  'store-away',
  'weights-lost',
];

it('has one recorded history of each ending and notable way', () => {
  expect([...recordedNames].sort()).toEqual(wanted);
});

describe("recorded histories replay on today's workflows", () => {
  it.each(recordedNames)('%s', async (name) => {
    const { workflowId, history } = readRecorded(name);
    await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, workflowId);
  });
});

it('notices workflows that do one thing more', async () => {
  const mutated = await bundleWorkflowCode({ ...workflowCode, workflowsPath: require.resolve('./mutated-workflows'), logger });
  for (const name of ['promoted', 'rolled-back', 'contracted']) {
    const { workflowId, history } = readRecorded(name);
    await expect(Worker.runReplayHistory({ workflowBundle: mutated }, history, workflowId)).rejects.toBeInstanceOf(
      DeterminismViolationError,
    );
  }
});
