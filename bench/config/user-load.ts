import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { User } from './assigned';
import type { Answer, Moment } from './judge-users';

type UserLoadOptions = {
  readonly url: string;
  readonly connections: number;
  readonly users: readonly User[];
  readonly versions: { readonly baseline: string; readonly canary: string };
  readonly random: () => number;
  /** The moment of the release, read when a request is sent and again when its answer is there. */
  readonly moment: () => Moment;
};

/** A closed loop: every connection sends its next request when the last one was answered. */
export type UserLoad = {
  sent(): number;
  /** Waits until this many requests were sent in all. */
  untilSent(count: number): Promise<void>;
  /** Sends no more and waits for what is under way; all answers, in the order they came. */
  stop(): Promise<readonly Answer[]>;
};

const timeoutMs = 10_000;
const pollMs = 20;
/** So that a proxy which is away is not asked ten thousand times a second. */
const afterFailureMs = 10;

export function startUserLoad(options: UserLoadOptions): UserLoad {
  const { url, connections, users, versions, random, moment } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  const answers: Answer[] = [];
  let sent = 0;
  let isStopped = false;

  const whoAnswered = ({ statusCode, headers }: IncomingMessage): Answer['by'] => {
    if (statusCode !== 200) return 'nobody';
    if (headers['x-version'] === versions.canary) return 'canary';
    return headers['x-version'] === versions.baseline ? 'baseline' : 'unknown version';
  };
  const ask = ({ id, tenant }: User): Promise<Answer['by']> =>
    new Promise((resolve) => {
      const headers = { 'x-user-id': id, ...(tenant === undefined ? {} : { 'x-tenant': tenant }) };
      const asked = request(url, { agent, headers, timeout: timeoutMs }, (answer) => {
        answer.on('end', () => resolve(answer.complete ? whoAnswered(answer) : 'nobody'));
        answer.on('error', () => resolve('nobody'));
        answer.resume();
      });
      asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.on('error', () => resolve('nobody'));
      asked.end();
    });
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      const user = users[Math.floor(random() * users.length)];
      if (user === undefined) throw new Error('there are no users');
      const [sentIn, sentMs] = [moment(), performance.now()];
      sent += 1;
      const by = await ask(user);
      answers.push({ user, sentIn, sentMs, answeredIn: moment(), answeredMs: performance.now(), by });
      if (by === 'nobody') await sleep(afterFailureMs);
    }
  };
  const loops = Array.from({ length: connections }, loop);

  return {
    sent: () => sent,
    untilSent: async (count) => {
      while (sent < count) await sleep(pollMs);
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(loops);
      agent.destroy();
      return answers;
    },
  };
}
