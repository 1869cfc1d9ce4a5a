import { describeAsker, type Asker } from '../../core/cohorts/asker';
import type { Slot } from '../../core/plan/effects';
import { PortError } from '../../ports/errors';
import type { HaproxyTarget } from './haproxy-target';

export type ProbeOptions = {
  /** Where users go, one a proxy. */
  readonly urls: readonly string[];
  /** Header of the answer in which HAProxy names the server that gave it. */
  readonly slotHeader: string;
  readonly timeoutMs: number;
  /** Header by which a request says each attribute, such as `tenant`. */
  readonly headers: { readonly [attribute: string]: string };
  /** Where a request says who the user is; absent where HAProxy does not ask for it. */
  readonly identity?: { readonly header: string } | { readonly cookie: string };
};

type Headers = { readonly [name: string]: string };

const slots = ['blue', 'green'] as const;

function memberHeaders(headers: ProbeOptions['headers'], member: string | undefined): Headers {
  if (member === undefined) return {};
  const end = member.indexOf('/');
  const header = headers[member.slice(0, end)];
  if (header !== undefined) return { [header]: member.slice(end + 1) };
  throw new PortError(
    'Rejected',
    `${member} has no header by which HAProxy could know it. Add its attribute to the target's cohorts in the environment file.`,
  );
}

function identityHeaders(where: ProbeOptions['identity'], identity: string | undefined): Headers {
  if (identity === undefined) return {};
  if (where !== undefined)
    return 'header' in where ? { [where.header]: identity } : { cookie: `${where.cookie}=${identity}` };
  throw new PortError(
    'Rejected',
    'Nobody says how HAProxy knows an identity. Add `identity` to `cohorts.probe` of the target in the environment file.',
  );
}

/** Asks as users would, by the headers of the asker and no others. Without an identity a whole member, and not one of its users, is looked at. */
export function createProbe(
  { servers }: Pick<HaproxyTarget, 'servers'>,
  { urls, slotHeader, timeoutMs, headers, identity }: ProbeOptions,
) {
  async function ask(url: string, asker: Asker): Promise<Slot | undefined> {
    const said = { ...memberHeaders(headers, asker.member), ...identityHeaders(identity, asker.identity) };
    try {
      const answer = await fetch(url, {
        redirect: 'manual',
        headers: { ...said, 'x-spillway-check': '1' },
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.body?.cancel();
      return slots.find((slot) => servers[slot] === answer.headers.get(slotHeader));
    } catch (error) {
      const { host } = new URL(url);
      const why =
        error instanceof DOMException && error.name === 'TimeoutError' ? 'no answer in time' : 'no connection';
      throw new PortError('TargetUnavailable', `${host}: ${why} as ${describeAsker(asker)}`, { cause: error });
    }
  }
  return (asker: Asker): Promise<readonly (Slot | undefined)[]> => Promise.all(urls.map((url) => ask(url, asker)));
}
