import { eventually } from '../stack/traces';
import { outcomeOf, runCommand, type Command } from './command';

jest.setTimeout(240_000);

const commands: Command[] = [];
const run = (...args: readonly string[]): Command => {
  const command = runCommand(args);
  commands.push(command);
  return command;
};
afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
});

describe('spillway demo', () => {
  test('releases a good version, undoes a bad one, keeps its promises and leaves nothing', async () => {
    const demo = run('demo', '--yes');
    expect({ code: await demo.exit(), output: demo.output() }).toMatchObject({ code: 0 });
    const output = demo.output();
    for (const said of [
      /Users send 3\d\d requests\/s [^]* 0\s+of\s+\d+\s+failed\./,
      /✔ migrate\/split-name\/backfill: .* rows in/,
      /weights: wanted 5 %, observed \d/,
      /weights: wanted 25 %, observed \d/,
      'Approve full exposure of 2.0.0? [y/N] y (--yes)',
      /weights: wanted 99 %, observed 9\d/,
      /Promoted: shop 2\.0\.0 serves everyone/,
      'Approve contract of 2.0.0? There is no way back. [y/N] y (--yes)',
      /Contracted: the old form is gone/,
      /2\.0\.0 is in service\. 0 of \d+ requests\s+failed/,
      /turning back \(GuardrailBroken\): http-errors: canary .* limit/,
      /✔ proof: the baseline is restored/,
      /✔ {2}data invariant no-order-lost +0 violations +0 violations/,
      /From its first bad answer to the last request it was sent:\s+\d/,
      /\d+\s+of\s+[\d,]+\s+requests\s+were\s+harmed/,
      /undo expose\/shop +\+[\d.]+m?s/,
      /All \d+ promises of this demo were checked and kept/,
      'npm run demo -- --keep',
    ])
      expect(output).toMatch(said);
    expect(output.match(/In Temporal's UI: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\//g)).toHaveLength(
      2,
    );
    expect(output).not.toContain('✖ Not as promised');
    expect(output).not.toMatch(/Warning/);
    await eventually(demo.left, { until: (left) => left.length === 0 });
  });

  test('is taken down by Ctrl-C in the middle of the bad release', async () => {
    const demo = run('demo', '--yes');
    await demo.says(/release of shop 3\.0\.0[\s\S]*expose-25 running/, 180_000);
    expect(await demo.left()).not.toEqual([]);
    demo.child.kill('SIGINT');
    expect(await demo.exit()).toBe(130);
    expect(demo.output()).toMatch(/Stopping: everything is taken down …\nNothing is left of it\.\n$/);
    expect(await demo.left()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('is taken down by %s while it starts', async (signal) => {
    const demo = run('demo', '--yes');
    await demo.says('1. A small company starts');
    demo.child.kill(signal);
    expect(await demo.exit()).toBe(130);
    expect(demo.output()).toMatch(/Nothing is left of it\.\n$/);
    expect(await demo.left()).toEqual([]);
  });

  test('says what to do when there is no terminal to ask at', async () => {
    const { code, output } = await outcomeOf(['demo']);
    expect(code).toBe(1);
    expect(output).toBe(
      'The demo asks for two approvals, and there is no terminal to ask at. Let it answer by itself: npm run demo -- --yes\n',
    );
  });
});
