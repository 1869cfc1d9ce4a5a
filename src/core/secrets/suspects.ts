import { credentialsIn } from './credential-shapes';
import { isNeutralName, isPasswordName, isSecretCollection, isSecretName } from './key-name';
import { hasSecretPair } from './pairs';
import { isReference } from './reference';

type ValuePath = readonly (string | number)[];

/** What looks like a secret: where it stands and by which rule, never what it is. */
export type Suspect = { readonly path: ValuePath; readonly rule: string };

/** What is looked through: `name` says what it holds, `isFree` that it may be anything, so that names count. */
export type Place = {
  readonly value: unknown;
  readonly path: ValuePath;
  readonly name: string;
  readonly isFree: boolean;
  /** In a collection of secrets every text is one, whatever it is called. */
  readonly isInside?: boolean;
};

/** More than anybody may except are not looked for. */
const mostSuspects = 200;

/** What in a value looks like a secret, at any depth, also in JSON that stands in a text; the first 200. */
export function suspectsIn(start: readonly Place[]): readonly Suspect[] {
  const suspects: Suspect[] = [];
  // Not by recursion: JSON in a text may nest deeper than the stack.
  const left: Step[] = start.map((place) => ({ ...place, trail: undefined })).reverse();
  for (let place = left.pop(); place !== undefined && suspects.length < mostSuspects; place = left.pop()) {
    const below = isContainer(place.value) ? place.value : undefined;
    if (below !== undefined) {
      for (const child of childrenOf(place, below).reverse()) left.push(child);
      continue;
    }
    const rule = ruleOf(place);
    if (rule !== undefined) suspects.push({ path: [...place.path, ...stepsOf(place.trail)], rule });
    else if (typeof place.value === 'string' && place.isFree) {
      const held = heldJson(place.value);
      if (held !== undefined) left.push({ ...place, value: held });
    }
  }
  return suspects;
}

/** The way below a place, as far as it is known only from its end: copies of long ways would take long. */
type Trail = { readonly up: Trail; readonly key: string | number } | undefined;
type Step = Place & { readonly trail: Trail };

/** The longest way that is told, and of one name on it. */
const most = { steps: 100, characters: 100 };

const shortened = (key: string | number): string | number =>
  typeof key === 'string' && key.length > most.characters ? `${key.slice(0, most.characters)}…` : key;

function stepsOf(trail: Trail): ValuePath {
  const steps: (string | number)[] = [];
  for (let at = trail; at !== undefined; at = at.up) steps.push(at.key);
  return steps.reverse().slice(0, most.steps).map(shortened);
}

type Container = readonly unknown[] | { readonly [key: string]: unknown };

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function childrenOf({ trail: up, name, ...place }: Step, value: Container): Step[] {
  const isInside = place.isInside === true || isSecretCollection(name);
  if (Array.isArray(value))
    return value.map((item: unknown, key) => ({ ...place, value: item, trail: { up, key }, name, isInside }));
  const entries: [string, unknown][] = Object.entries(value);
  // `{ name: DB_PASSWORD, value: … }` names its value beside it.
  const [, label] = entries.find(([key, held]) => /^(?:name|key)$/i.test(key) && typeof held === 'string') ?? [];
  const around = typeof label === 'string' ? label : name;
  return entries.map(([key, held]) => ({
    ...place,
    value: held,
    trail: { up, key },
    name: isNeutralName(key) ? around : key,
    isInside: isInside && held !== label,
  }));
}

function ruleOf({ value, name, isFree, isInside = false }: Place): string | undefined {
  if (typeof value === 'number') return isFree && isPasswordName(name) ? 'secret-key-name' : undefined;
  if (typeof value !== 'string') return undefined;
  const [found] = credentialsIn(value);
  if (found !== undefined) return found.rule;
  if (!isFree || value.trim() === '' || isReference(value)) return undefined;
  if (isInside || isSecretName(name)) return 'secret-key-name';
  return heldJson(value) === undefined && hasSecretPair(value) ? 'secret-pair' : undefined;
}

/** The list or map that a text holds as JSON. */
function heldJson(text: string): Container | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const held: unknown = JSON.parse(text);
    return isContainer(held) ? held : undefined;
  } catch {
    return undefined;
  }
}
