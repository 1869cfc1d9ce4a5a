import { askHaproxy } from '../../src/stack/haproxy';
import { closedTo, readProxy, shareOf } from '../support/proxy-split';
import { eventually, startRealRig, type RealRelease, type RealRig } from '../support/real-release';
import { longAt25 } from '../support/shop-descriptor';

let rig: RealRig;
let release: RealRelease;

beforeAll(async () => {
  rig = await startRealRig({ haproxyCount: 2 });
  release = await rig.start('2.0.0', longAt25);
  await bothShow25();
});
afterAll(() => rig?.close());

const proxy = (index: number) => {
  const found = rig.embedded.stack.haproxy[index];
  if (found === undefined) throw new Error(`no proxy ${index}`);
  return found;
};
const shareAt = async (index: number): Promise<number> => shareOf(await readProxy(proxy(index).socketPath), 'green');
const isAt25 = async (index: number): Promise<boolean> => Math.abs((await shareAt(index).catch(() => 0)) - 25) < 0.5;
const bothShow25 = () =>
  eventually('both proxies show 25 %', async () => ((await isAt25(0)) && (await isAt25(1)) ? true : undefined));

test('reloads that lose the weights, as often as they come, are set right and are no second controller', async () => {
  for (let reloads = 0; reloads < 4; reloads += 1) {
    await proxy(1).reload({ state: 'lost' });
    await bothShow25();
    await release.reach('the loss is over', ({ splitLost }) => splitLost === undefined);
  }
  const { failure, otherWriter } = await release.reach('releasing', ({ phase }) => phase === 'Releasing');
  expect([failure, otherWriter]).toEqual([undefined, undefined]);
});

test('who keeps writing weights at one of two HAProxies turns the release back', async () => {
  const other = setInterval(() => {
    void isAt25(1).then((isSetAgain) =>
      isSetAgain ? askHaproxy(proxy(1).socketPath, 'set server shop/green weight 200') : undefined,
    );
  }, 200);
  try {
    await release.reach('it turns back', ({ failure }) => failure !== undefined);
  } finally {
    clearInterval(other);
  }
  const report = await release.report();
  expect(report).toMatchObject({
    ending: 'RolledBack',
    failure: { code: 'SecondController' },
    proof: { isRestored: true },
  });
  expect(report.failure?.reason).toContain(proxy(1).socketPath);
  expect(report.failure?.reason).toMatch(/3 times in this stage .*wanted 25 % on green/);
  for (const index of [0, 1]) expect(closedTo('green')(await readProxy(proxy(index).socketPath))).toBe(true);
});
