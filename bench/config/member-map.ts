import { askHaproxy, cohortMapIn } from '../../src/stack/haproxy';
import type { Bench } from '../bench';
import type { Slot } from '../weights';

/** Green's shares of the members, in percent, as text that can be compared; a member that stands there twice is named twice. */
const describeMembers = (members: Iterable<readonly [string, number]>): string =>
  [...members]
    .map(([member, greenPercent]) => `${member} ${greenPercent}`)
    .sort()
    .join(', ');

/** Reads the answer to `show map`, independently of the adapter that is measured. */
export const parseMembers = (answer: string): string =>
  describeMembers(
    answer
      .split('\n')
      .map((line) => /^0x[0-9a-f]+ (\S+) (\d+)$/.exec(line))
      .flatMap((found) => (found === null ? [] : [[found[1] ?? '', Number(found[2]) / 100] as const])),
  );

/** What the map says where each of these tenants has this share of the canary, in percent. */
export const membersOf = (tenants: { readonly [tenant: string]: number }, canary: Slot): string =>
  describeMembers(
    Object.entries(tenants).map(([tenant, percent]) => [
      `tenant/${tenant}`,
      canary === 'green' ? percent : 100 - percent,
    ]),
  );

/** Whom HAProxy itself has in its map. */
export const readMembers = async ({ embedded, socketPath }: Bench): Promise<string> =>
  parseMembers(await askHaproxy(socketPath, `show map ${cohortMapIn(embedded.stack.runDirectory)}`));
