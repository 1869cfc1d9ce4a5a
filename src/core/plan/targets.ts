import { canServe, kindsFor, type Purpose } from '../environment/purposes';
import type { Environment } from '../environment/schema';
import { knownNames } from '../nearest-name';
import type { Refuse } from './refusal';

type ServiceEntry = Environment['services'][string];

/** Which target is meant: a name somebody wrote, or the service's own when none is written. */
type TargetWish = { readonly purpose: Purpose; readonly named?: string | undefined; readonly where: string };

/** The name of the target a wish means, or undefined after a refusal. */
export type ResolveTarget = (wish: TargetWish) => string | undefined;

/** The service's entry in the environment, or undefined after a refusal. */
export function findService(environment: Environment, service: string, refuse: Refuse): ServiceEntry | undefined {
  if (Object.hasOwn(environment.services, service)) return environment.services[service];
  return refuse({
    code: 'unknown-service',
    kind: 'invalid',
    message:
      `The descriptor releases service \`${service}\`, which environment \`${environment.name}\` does not have. ` +
      knownNames(service, Object.keys(environment.services)),
    fix: `Correct \`service\` in the descriptor, or have \`${service}\` added under \`services\` of the environment.`,
  });
}

/** Resolves names of targets within one environment and for one service; each is checked to be of the right kind. */
export function targetResolver(environment: Environment, entry: ServiceEntry, refuse: Refuse): ResolveTarget {
  const { targets } = environment;
  return ({ purpose, named, where }) => {
    const name = named ?? (purpose === 'notify' ? undefined : entry[purpose]);
    const kinds = kindsFor[purpose].map((kind) => `\`${kind}\``).join(' or ');
    const fitting = Object.entries(targets).flatMap(([target, { kind }]) => (canServe(purpose, kind) ? [target] : []));
    if (name === undefined) {
      return refuse({
        code: 'missing-target',
        kind: 'invalid',
        message: `${where} needs a ${purpose} target, and the service has none in environment \`${environment.name}\`.`,
        fix: `Name a target of kind ${kinds} there, or have \`${purpose}\` added to the service's entry in the environment.`,
      });
    }
    const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
    if (target === undefined) {
      return refuse({
        code: 'unknown-target',
        kind: 'invalid',
        message: `${where} names target \`${name}\`, which environment \`${environment.name}\` does not have. ${knownNames(name, fitting)}`,
        fix: `Name one of the known targets, or have \`${name}\` added under \`targets\` of the environment.`,
      });
    }
    if (!canServe(purpose, target.kind)) {
      return refuse({
        code: 'wrong-target-kind',
        kind: 'invalid',
        message: `${where} names target \`${name}\`, which is of kind \`${target.kind}\`; ${purpose} needs ${kinds}. ${knownNames(name, fitting)}`,
        fix: `Name a target of kind ${kinds}.`,
      });
    }
    return name;
  };
}
