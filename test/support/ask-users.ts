import { Agent, request } from 'node:http';
import { crc32 } from 'node:zlib';
import { eventually } from './real-release';

type User = { readonly id?: string; readonly tenant?: string };

/** Green's share of everybody and of the users of single tenants, in percent. */
export type Shares = { readonly percent: number; readonly tenants?: { readonly [tenant: string]: number } };

const places = 10_000;

/** Which slot a user has while green gets these shares: the lowest places by the hash of the identity. */
function slotOf({ id = '', tenant = '' }: User, { percent, tenants = {} }: Shares): 'blue' | 'green' {
  return crc32(id) % places < ((tenants[tenant] ?? percent) * places) / 100 ? 'green' : 'blue';
}

const askOne = (url: string, agent: Agent, { id, tenant }: User): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = {
      ...(id === undefined ? {} : { 'x-user-id': id }),
      ...(tenant === undefined ? {} : { 'x-tenant': tenant }),
    };
    const asked = request(url, { agent, headers }, (answer) => {
      answer.on('end', () => resolve(String(answer.headers['x-slot'])));
      answer.on('error', reject);
      answer.resume();
    });
    asked.on('error', reject);
    asked.end();
  });

const tenants = ['acme', 'globex', 'initech', 'umbrella', 'a-tenant-that-no-list-names'];
const users: readonly User[] = Array.from({ length: 50 }, (_, index) => `user-${index}`).flatMap((id) => [
  { id },
  ...tenants.map((tenant) => ({ id, tenant })),
]);

/** The slots that the users have while green gets these shares. */
export const slotsAt = (shares: Shares): readonly string[] => users.map((user) => slotOf(user, shares));

/** One request of each user; by the service's own word the slot that answered each. */
export async function askUsers(url: string): Promise<readonly string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  try {
    return await Promise.all(users.map((user) => askOne(url, agent, user)));
  } finally {
    agent.destroy();
  }
}

/** Waits until users get what a step gives them. */
export const untilUsersHave = (url: string, shares: Shares): Promise<true> => {
  const wanted = slotsAt(shares).join();
  return eventually(`users have ${JSON.stringify(shares)}`, async () =>
    (await askUsers(url)).join() === wanted ? true : undefined,
  );
};
