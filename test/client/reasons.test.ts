import { createClient } from '../../src/client';

const token = `ghp_${'A1b2'.repeat(9)}`;
const why = `it used ${token} in the open`;
const said = { by: 'ada', why };

/** A client whose server notes what it is sent. */
function noting() {
  const sent: string[] = [];
  const note = (...message: unknown[]): Promise<object> => {
    sent.push(JSON.stringify(message));
    return Promise.resolve({ accepted: true, sentence: '' });
  };
  const server = {
    withDeadline: (_deadline: number, rpc: () => unknown) => rpc(),
    workflow: { start: note, getHandle: () => ({ signal: note, executeUpdate: note }) },
  } as unknown as Parameters<typeof createClient>[0]['client'];
  const settings = { address: '127.0.0.1:1', namespace: 'default', profile: 'default', connection: {} };
  return { client: createClient({ client: server, settings }), sent };
}

type Told = ReturnType<typeof noting>['client'];
const release = 'release/production/shop';

it.each<[string, (client: Told) => Promise<unknown>]>([
  ['approve', (client) => client.approve(release, { ...said, gate: 'go' })],
  ['reject', (client) => client.reject(release, { ...said, gate: 'go' })],
  ['pause', (client) => client.pause(release, said)],
  ['resume', (client) => client.resume(release, said)],
  ['retry', (client) => client.retry(release, said)],
  ['continue', (client) => client.continue(release, said)],
  ['waive', (client) => client.waive(release, said)],
  ['choose', (client) => client.chooseData(release, { ...said, choice: 'lose' })],
  ['abort', (client) => client.abort(release, said, 0)],
  ['recover', (client) => client.recover({ ...said, workflowId: release })],
])('who says a credential by mistake is heard without it: %s', async (_, tell) => {
  const { client, sent } = noting();
  // What comes behind the message needs a real server.
  await tell(client).catch(() => undefined);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toContain('it used [secret] in the open');
  expect(sent[0]).not.toContain('A1b2');
});
