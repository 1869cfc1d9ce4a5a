import type { Client } from '@temporalio/client';

type Kind = 'good' | 'refused' | 'wrong-type' | 'deep' | 'no-json' | 'no-encoding' | 'unknown-name' | 'huge';
type Raw = {
  readonly name: string;
  readonly payloads: readonly { readonly encoding: string; readonly data: string }[];
};

const json = (value: unknown) => ({ encoding: 'json/plain', data: JSON.stringify(value) });
const wrong: readonly unknown[] = [null, [], [[null]], 1, 'abort', true, {}, { id: 1, by: {}, why: [] }, { id: '' }];

/** One signal of a flood, by its place in it. */
function signalOf(kind: Kind, at: number, hugeBytes: number): Raw {
  const said = { id: `flood-${at}`, by: 'eve', why: 'because' };
  switch (kind) {
    case 'good':
      return { name: at % 2 === 0 ? 'pause' : 'resume', payloads: [json(said)] };
    case 'refused':
      return { name: 'approve', payloads: [json({ ...said, gate: `g${at}` })] };
    case 'wrong-type':
      return { name: ['watched', 'retry', 'approve'][at % 3] ?? '', payloads: [json(wrong[at % wrong.length])] };
    case 'deep':
      return {
        name: 'waive',
        payloads: [{ encoding: 'json/plain', data: `${'['.repeat(2_000)}${']'.repeat(2_000)}` }],
      };
    case 'no-json':
      return { name: 'reject', payloads: [{ encoding: 'json/plain', data: '{"id":' }] };
    case 'no-encoding':
      return { name: 'continue', payloads: [{ encoding: 'json/none', data: '?' }] };
    case 'unknown-name':
      return { name: `__temporal_${at}`, payloads: [] };
    case 'huge':
      return { name: 'pause', payloads: [json({ ...said, why: 'x'.repeat(hugeBytes) })] };
  }
}

const small: readonly Kind[] = ['good', 'refused', 'wrong-type', 'deep', 'no-json', 'no-encoding', 'unknown-name'];

export type Flood = {
  readonly signals: number;
  /** One signal of so many is huge. */
  readonly hugeEvery: number;
  readonly hugeBytes: number;
  readonly senders: number;
  /** Sends again what the server refused, until the release goes on in a new run. */
  readonly isPersistent: boolean;
};

const refusedPauseMs = 50;

/** Sends signals of every kind as fast as the server takes them. Returns how many it took and what it refused them with. */
export async function sendFlood(client: Client, workflowId: string, flood: Flood) {
  const refusals = new Map<string, number>();
  let taken = 0;
  let next = 0;
  const again: number[] = [];
  async function send(): Promise<void> {
    for (;;) {
      const at = again.pop() ?? next++;
      if (at >= flood.signals) return;
      const kind = at % flood.hugeEvery === flood.hugeEvery - 1 ? 'huge' : (small[at % small.length] ?? 'good');
      const { name, payloads } = signalOf(kind, at, flood.hugeBytes);
      try {
        await client.workflowService.signalWorkflowExecution({
          namespace: 'default',
          workflowExecution: { workflowId },
          signalName: name,
          requestId: `flood-${workflowId}-${at}`,
          input: {
            payloads: payloads.map(({ encoding, data }) => ({
              metadata: { encoding: Buffer.from(encoding) },
              data: Buffer.from(data),
            })),
          },
        });
        taken += 1;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        refusals.set(why, (refusals.get(why) ?? 0) + 1);
        if (!flood.isPersistent || !/limit/.test(why)) continue;
        again.push(at);
        await new Promise((resolve) => setTimeout(resolve, refusedPauseMs));
      }
    }
  }
  await Promise.all(Array.from({ length: flood.senders }, send));
  return { taken, refusals };
}
