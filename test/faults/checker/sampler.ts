import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type SampledServer = {
  readonly weight: number;
  readonly isMaint: boolean;
  /** Sessions since the proxy started, by its own count. */
  readonly sessions: number;
};
export type Sample = { readonly atMs: number; readonly blue: SampledServer; readonly green: SampledServer };

const everyMs = 50;

function ask(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath });
    let answer = '';
    socket.setEncoding('utf8');
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(answer));
    socket.end(`${command}\n`);
  });
}

function readServer(answer: string, backend: string, name: string): SampledServer {
  const lines = answer.split('\n');
  const state = lines.map((line) => line.split(' ')).find((fields) => fields[1] === backend && fields[3] === name);
  const stat = lines.map((line) => line.split(',')).find((fields) => fields[0] === backend && fields[1] === name);
  if (state === undefined || stat === undefined) throw new Error(`no server ${name}`);
  // Forced, inherited and unresolved; 4 only says that the configuration file began with it.
  return { weight: Number(state[7]), isMaint: (Number(state[6]) & 0x23) !== 0, sessions: Number(stat[7]) };
}

export async function readSample(socketPath: string, backend: string): Promise<Sample> {
  const answer = await ask(socketPath, `show servers state ${backend}; show stat ${backend} 4 -1`);
  return {
    atMs: Date.now(),
    blue: readServer(answer, backend, 'blue'),
    green: readServer(answer, backend, 'green'),
  };
}

/** Share in percent of new requests that a slot gets. */
export function shareOf(sample: Sample, slot: 'blue' | 'green'): number {
  const open = ({ weight, isMaint }: SampledServer): number => (isMaint ? 0 : weight);
  const sum = open(sample.blue) + open(sample.green);
  return sum === 0 ? 0 : (100 * open(sample[slot])) / sum;
}

/** Looks at the proxy twenty times a second until stopped; a proxy that is away leaves no sample. */
export function startSampler(socketPath: string, backend: string) {
  const samples: Sample[] = [];
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      await readSample(socketPath, backend).then(
        (sample) => samples.push(sample),
        () => undefined,
      );
      await sleep(everyMs);
    }
  })();
  return {
    samples: (): readonly Sample[] => samples,
    async stop(): Promise<readonly Sample[]> {
      isOver = true;
      await work;
      return samples;
    },
  };
}
