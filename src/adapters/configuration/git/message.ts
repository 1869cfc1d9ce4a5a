import type { Slot } from '../../../core/plan/effects';
import type { ConfigurationValues } from '../../../ports/configuration';
import { plural } from '../../../core/plural';

export const trailerNames = {
  release: 'Spillway-Release',
  effect: 'Spillway-Effect',
  path: 'Spillway-Path',
  restores: 'Spillway-Restores',
} as const;

const mostNamed = 50;

/** One line without spaces, so that no release and no path can write a trailer of its own. */
export const trailerText = (text: string): string => encodeURI(text);

export type Subject = {
  readonly target: string;
  readonly release: string;
  readonly slot: Slot;
  readonly path: string;
};

const trailers = ({ target, release, path }: Subject): readonly string[] => [
  `${trailerNames.release}: ${trailerText(release)}`,
  `${trailerNames.effect}: configure/${target}`,
  `${trailerNames.path}: ${trailerText(path)}`,
];

/** Control characters would begin lines of their own. */
const inLine = (text: string): string => JSON.stringify(text);

function named(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostNamed;
  return rest > 0 ? [...lines.slice(0, mostNamed), `- and ${rest} more`] : lines;
}

/** What a change says of itself; values stand in its diff. */
export function changeMessage(subject: Subject, source: string, set: ConfigurationValues): string {
  const { target, release, slot, path } = subject;
  const keys = Object.entries(set).map(([key, value]) => `- ${value === null ? 'remove' : 'set'} ${inLine(key)}`);
  return [
    `Set ${plural(keys.length, 'key')} of ${target} for ${slot}`,
    '',
    `Release ${inLine(release)}: ${path} is what ${source} holds, with`,
    ...named(keys),
    '',
    ...trailers(subject),
    '',
  ].join('\n');
}

/** What the way back says of itself, and whose later changes it takes away. */
export function restoreMessage(
  subject: Subject,
  {
    first,
    others,
    isAbsent,
  }: { readonly first: string; readonly others: readonly string[]; readonly isAbsent: boolean },
): string {
  const { target, release, slot, path } = subject;
  const what = isAbsent ? 'is absent again, as it was' : 'is byte for byte as it was';
  const over = others.map((each) => `- ${each.replaceAll(/\p{Cc}/gu, ' ')}`);
  return [
    `Restore ${target} for ${slot}`,
    '',
    `Release ${inLine(release)} turned back: ${path} ${what} before ${first.slice(0, 12)}.`,
    ...(over.length === 0 ? [] : ['', 'This overrides what others changed there since:', ...named(over)]),
    '',
    ...trailers(subject),
    `${trailerNames.restores}: ${first}`,
    '',
  ].join('\n');
}
