import type { WorkerProcess } from '../../bench/scale/processes';
import { startScaleStack, type ScaleStack } from '../../bench/scale/scale-stack';
import { bundleOf, type Part } from '../../bench/scale/releases';
import { readExposed, waitUntilExposed } from '../../bench/scale/weights';
import { releaseWorkflowId } from '../../src/core/release/messages';
import { until } from '../support/until';

const part: Part = {
  stages: [{ canaryPercent: 50, bakeTime: '100ms', minRequests: 1 }],
  fullExposure: { gate: 'everybody', rollbackWindow: '100ms', minRequests: 1, holdbackPercent: 10 },
  gates: { everybody: {} },
};
const named = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const [released, hanging] = [named('s', 6), named('hanging', 2)];
const person = { by: 'ada', why: 'a test' };
const idOf = (service: string): string => releaseWorkflowId('scale', service);
const patience = 60_000;

describe('many releases', () => {
  jest.setTimeout(240_000);
  let scale: ScaleStack;
  let workers: WorkerProcess[];

  const start = (service: string) =>
    scale.client.start({ bundle: bundleOf(service, 'scale', part), environment: 'scale', service, requestedBy: 'cem' });
  const exposeAll = async (services: readonly string[]) => {
    await scale.tell({ rates: Object.fromEntries(services.map((service) => [service, 20])) });
    await Promise.all(services.map(start));
    await waitUntilExposed(scale, services, patience);
  };
  const isOpen = async (service: string): Promise<boolean> => {
    const { stage, gates } = await scale.client.state(idOf(service));
    return stage === 'gate-everybody' && gates['everybody'] !== undefined;
  };
  const reportOf = (service: string) => scale.client.result(idOf(service), { timeoutMs: patience });

  beforeAll(async () => {
    scale = await startScaleStack({ services: [...released, ...hanging] });
    workers = [await scale.startWorker(['--effects', '2']), await scale.startWorker(['--effects', '2'])];
  });
  afterAll(() => scale.stop());

  it('go on when one of two workers is killed: those that break are undone, the others are promoted', async () => {
    await exposeAll(released);
    await workers[0]?.kill();
    const [first = '', second = '', ...good] = released;
    const broken = [first, second];
    await scale.tell({ failing: broken.map((service) => `green/${service}`) });
    const undone = await Promise.all(broken.map(reportOf));
    expect(undone.map(({ ending, proof }) => [ending, proof?.isRestored])).toEqual([
      ['RolledBack', true],
      ['RolledBack', true],
    ]);
    await Promise.all(
      good.map(async (service) => {
        await until(`${service} is at its gate`, () => isOpen(service), patience);
        await scale.client.approve(idOf(service), { ...person, gate: 'everybody' });
      }),
    );
    expect((await Promise.all(good.map(reportOf))).map(({ ending }) => ending)).toEqual(good.map(() => 'Promoted'));
    await scale.tell({ failing: [] });
  });

  it('roll back although every slot for changes hangs in a deployment', async () => {
    const [service = ''] = released;
    await exposeAll([service]);
    await Promise.all(hanging.map(start));
    const areDeploying = async () =>
      (await Promise.all(hanging.map((each) => scale.client.state(idOf(each))))).every(
        ({ stage }) => stage === 'deploy',
      );
    await until('both slots of the worker are taken', areDeploying, patience);
    await scale.client.abort(idOf(service), person);
    expect(await reportOf(service)).toMatchObject({ ending: 'Aborted', proof: { isRestored: true } });
    expect((await readExposed(scale)).has(service)).toBe(false);
    expect((await scale.client.state(idOf('hanging0'))).stage).toBe('deploy');
  });
});
