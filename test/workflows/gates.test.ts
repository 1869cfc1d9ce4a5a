import { policySchema } from '../../src/core/policy/schema';
import { signals, updates, type Rig, type Started } from '../support/release-rig';
import { createRigs } from '../support/rigs';
import { failureOf } from '../support/failure-of';
import { said } from '../support/messages';
import { gated } from '../support/shop-release';

const rigs = createRigs();
afterAll(rigs.close);

const isOpen = ({ gates }: { gates: object }) => 'go' in gates;
const atGate = async (rig: Rig, gate: object = {}): Promise<Started> => {
  const started = await rig.start(gated({ ...gate }));
  await started.reach(isOpen, 'gate open');
  return started;
};
const approve = ({ handle }: Started, by: string, gate = 'go', id?: string) =>
  handle.executeUpdate(updates.approve, { args: [said(by, { gate, ...(id === undefined ? {} : { id }) })] });
const reasonOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: Error) => String((error.cause as Error | undefined)?.message ?? error.message),
  );
const separated = policySchema.parse({
  apiVersion: 'spillway/v1',
  kind: 'policy',
  name: 'separated',
  roles: { lead: ['ada', 'bob', 'cem'] },
  approvals: { requesterMayApprove: false },
});

test.concurrent(
  'a rejected gate rolls the release back',
  rigs.on(async (rig) => {
    const started = await atGate(rig);
    await started.handle.executeUpdate(updates.reject, { args: [said('dee', { gate: 'go' })] });
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code, report.failure?.by]).toEqual(['RolledBack', 'GateRejected', 'dee']);
    expect(report.proof?.isRestored).toBe(true);
  }),
);

test.concurrent(
  'a gate that nobody answers rolls back, with no reminder at the end',
  rigs.on(async (rig) => {
    const started = await rig.start(gated({ timeout: '700ms', remindEvery: '300ms' }));
    const { type, report } = await failureOf(started.handle.result());
    expect([type, report.failure?.code]).toEqual(['RolledBack', 'GateExpired']);
    // A stalled machine may miss one; at the deadline itself nobody is reminded.
    expect([1, 2]).toContain((await started.state()).gates.go?.reminders);
  }),
);

test.concurrent(
  'a gate that holds goes on asking after its time, and still opens',
  rigs.on(async (rig) => {
    const started = await rig.start(gated({ timeout: '200ms', remindEvery: '150ms', onTimeout: 'hold' }));
    await started.reach(({ gates }) => (gates.go?.reminders ?? 0) >= 3, 'three reminders');
    await approve(started, 'ada');
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'an approval of the wrong gate, given twice, or late is refused with a reason',
  rigs.on(async (rig) => {
    const started = await atGate(rig, { approvals: 2 });
    expect(await reasonOf(approve(started, 'ada', 'stop'))).toBe('the open gate is go, not stop');
    expect(await reasonOf(approve(started, 'ada'))).toBe('accepted');
    expect(await reasonOf(approve(started, 'ada'))).toBe('ada has approved gate go already');
    expect(await reasonOf(approve(started, 'bob'))).toBe('accepted');
    await started.reach(({ stage }) => stage !== 'gate-go', 'gate passed');
    expect(await reasonOf(approve(started, 'eve'))).toMatch(/decided already|has ended/);
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'the same mistakes sent as signals are recorded, and the release goes on',
  rigs.on(async (rig) => {
    const started = await atGate(rig, { approvals: 2 });
    const { handle } = started;
    await handle.signal(signals.approve, said('ada', { gate: 'stop' }));
    await handle.signal(signals.approve, said('ada', { gate: 'go' }));
    await handle.signal(signals.approve, said('ada', { gate: 'go' }));
    await handle.signal('approve', null);
    await handle.signal('approve', { ...said('ada'), gate: 'x'.repeat(10_000) });
    await handle.signal('approve', { ...said('ada'), gate: 'x'.repeat(100_000) });
    await handle.signal('watched', null);
    await handle.signal('watched', { kind: 'class', watchId: 'forged' });
    await handle.signal(signals.approve, said('bob', { gate: 'go' }));
    expect((await handle.result()).ending).toBe('Promoted');
    const { refusedMessages, refusedMessageCount } = await started.state();
    expect(refusedMessageCount).toBe(7);
    expect(refusedMessages.map(({ reason }) => reason.slice(0, 32))).toEqual([
      'the open gate is go, not stop',
      'ada has approved gate go already',
      'the message is no object; send {',
      'the open gate is go, not xxxxxxx',
      'it has 100088 bytes, and 20000 a',
      'no notice of a watch',
      'no notice of a watch',
    ]);
    expect(JSON.stringify(refusedMessages).length).toBeLessThan(2_000);
  }),
);

test.concurrent(
  'a repeated message id changes nothing',
  rigs.on(async (rig) => {
    const started = await atGate(rig, { approvals: 2 });
    await approve(started, 'ada', 'go', 'one');
    const before = await started.state();
    expect(await reasonOf(approve(started, 'bob', 'go', 'one'))).toBe('accepted');
    await started.handle.signal(signals.approve, { id: 'one', by: 'bob', why: 'again', gate: 'go' });
    expect(await started.state()).toEqual(before);
    await approve(started, 'bob', 'go', 'two');
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);

test.concurrent(
  'who started the release may not approve it where the policy wants somebody else',
  rigs.on(async (rig) => {
    const started = await atGate(rig, { from: ['lead'] });
    expect(await reasonOf(approve(started, 'cem'))).toMatch(/cem started the release/);
    expect(await reasonOf(approve(started, 'eve'))).toMatch(/eve is not in lead of gate go; ada, bob, cem may decide/);
    await approve(started, 'ada');
    expect((await started.handle.result()).ending).toBe('Promoted');
  }, separated),
);

test.concurrent(
  'an early approval is refused, and the sentence says who may act',
  rigs.on(async (rig) => {
    const held = rig.control.hold('deployer.deploy');
    const started = await rig.start(gated({ from: ['lead'] }));
    await held.reached;
    expect(await reasonOf(approve(started, 'ada'))).toMatch(/no gate is open now; the release is at deploy/);
    held.release();
    await started.reach(isOpen, 'gate open');
    const sentence = await started.sentence();
    expect(sentence).toMatch(
      /^Waiting for approval: gate go needs 1 approval of lead, since .* UTC; next: Full exposure/,
    );
    expect(sentence).toMatch(/ada, bob may approve/);
    await approve(started, 'ada');
    expect((await started.handle.result()).ending).toBe('Promoted');
  }),
);
