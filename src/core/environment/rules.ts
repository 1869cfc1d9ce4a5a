import { z } from 'zod';
import type { Finding } from '../descriptor/issue';
import { didYouMean } from '../descriptor/suggest';
import { outlineSchema } from './outline';
import { kindsFor } from './purposes';

const conventionsSchema = z.record(z.string(), z.record(z.string(), z.string().catch('')).catch({})).catch({});

const { notify, ...jobs } = kindsFor;

// An unknown kind is told where it is written.
const known: readonly string[] = [...Object.values(jobs).flat(), ...notify];

/** Labels that somebody writes for a convention say where the slot goes. */
export function checkConventions(value: unknown): readonly Finding[] {
  const { services } = outlineSchema.parse(value);
  return Object.entries(services).flatMap(([service, { conventions }]) =>
    Object.entries(conventionsSchema.parse(conventions)).flatMap(([convention, labels]) => {
      const texts = Object.values(labels);
      if (texts.length === 0 || texts.some((text) => text.includes('$slot'))) return [];
      return [
        {
          code: 'slot-missing',
          path: ['services', service, 'conventions', convention],
          message: 'without $slot the metrics would count both versions together and never tell them apart',
          fix: 'add a label such as `slot: $slot`',
        },
      ];
    }),
  );
}

/** Each job of a service is given to a target that exists and can do it. */
export function checkServices(value: unknown): readonly Finding[] {
  const { targets, services } = outlineSchema.parse(value);
  return Object.entries(services).flatMap(([service, given]) =>
    Object.entries(jobs).flatMap(([job, kinds]) => {
      const target = given[job];
      if (typeof target !== 'string') return [];
      const path = ['services', service, job];
      const found = Object.hasOwn(targets, target) ? targets[target] : undefined;
      if (found === undefined) return [unknownTarget(path, target, Object.keys(targets))];
      const isFit = kinds.some((kind) => kind === found.kind);
      return isFit || !known.includes(found.kind) ? [] : [wrongKind(path, { job, kinds, found: found.kind })];
    }),
  );
}

function unknownTarget(path: readonly string[], target: string, targets: readonly string[]): Finding {
  const message = `there is no target ${shownTarget(target)} under targets`;
  return { code: 'target-unknown', path, message, fix: didYouMean(target, targets) };
}

// A connection string in the place of a name must not be told with its password.
const shownTarget = (target: string): string =>
  /^[a-z0-9-]{1,63}$/.test(target) ? JSON.stringify(target) : 'of this name';

type Unfit = { readonly job: string; readonly kinds: readonly string[]; readonly found: string };

const wrongKind = (path: readonly string[], { job, kinds, found }: Unfit): Finding => ({
  code: 'target-unfit',
  path,
  message: `the target is of kind ${found}, which cannot do ${job}`,
  fix: `name a target of kind ${kinds.join(' or ')}`,
});

const probesSchema = z.looseObject({
  sockets: z.array(z.unknown()),
  assignment: z.unknown().optional(),
  cohorts: z.looseObject({ probe: z.looseObject({ urls: z.array(z.string()), identity: z.unknown().optional() }) }),
});

// Two pages of one address are one proxy.
const addressOf = (url: string): string => (/^https?:\/\/[^/?#]+/i.exec(url)?.[0] ?? url).toLowerCase();

/** The probe asks each HAProxy by an address of its own: what nobody asks could show the canary to anybody. */
export function checkProbes(value: unknown): readonly Finding[] {
  const { targets } = outlineSchema.parse(value);
  return Object.entries(targets).flatMap(([name, target]): readonly Finding[] => {
    const { data } = probesSchema.safeParse(target);
    if (data === undefined) return [];
    const { urls, identity } = data.cohorts.probe;
    const path = ['targets', name, 'cohorts', 'probe'];
    const addresses = new Set(urls.map(addressOf)).size;
    const proxies = new Set(data.sockets).size;
    const isFit = addresses === urls.length && addresses === proxies;
    return [
      ...(isFit ? [] : [urlsUnfit([...path, 'urls'], { addresses, proxies })]),
      ...(data.assignment === 'identity' && identity === undefined ? [identityMissing([...path, 'identity'])] : []),
    ];
  });
}

const urlsUnfit = (
  path: readonly string[],
  found: { readonly addresses: number; readonly proxies: number },
): Finding => ({
  code: 'probe-urls-unfit',
  path,
  message: `${found.addresses} different addresses stand beside ${found.proxies} different sockets, and a HAProxy that nobody asks could show the canary to anybody`,
  fix: 'write one address for each HAProxy, its own and not that of a load balancer before them',
});

const identityMissing = (path: readonly string[]): Finding => ({
  code: 'probe-identity-missing',
  path,
  message:
    'HAProxy sends users by their identity, and nobody would ask as one: a rule that shows the canary to whoever has an identity would not be seen',
  fix: 'say where HAProxy finds it, such as `identity: { header: x-user-id }` or `identity: { cookie: uid }`',
});
