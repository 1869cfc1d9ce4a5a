import { createColors } from 'picocolors';
import type { Io, Output } from '../io';

export type Tone = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'busy';
export type Span = { readonly text: string; readonly tone: Tone };
/** One line of a screen, not yet cut to a width nor coloured. */
export type Line = readonly Span[];

export type Style = {
  readonly width: number;
  readonly isColored: boolean;
  /** False for files and pipes: nobody can make them wider to read the rest. */
  readonly isCut: boolean;
};

export const span = (text: string, tone: Tone = 'plain'): Span => ({ text, tone });
export const line = (text: string, tone: Tone = 'plain'): Line => [span(text, tone)];

/** Texts of people and targets must not steer the terminal that shows them. */
export const harmless = (text: string): string => text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');

export const lengthOf = (text: string): number => [...text].length;

function cut(given: Line, width: number): Line {
  const spans: Span[] = [];
  let left = width;
  for (const { text, tone } of given) {
    const characters = [...harmless(text)];
    if (characters.length > left) {
      spans.push({ text: `${characters.slice(0, Math.max(0, left - 1)).join('')}…`, tone });
      return spans;
    }
    left -= characters.length;
    spans.push({ text: characters.join(''), tone });
  }
  return spans;
}

/** A line as text: no wider than the style, without blanks at its end. */
export function paint(given: Line, { width, isColored, isCut }: Style): string {
  const { bold, dim, green, red, cyan } = createColors(isColored);
  const paints = { plain: String, bold, dim, good: green, bad: red, busy: cyan } as const;
  const spans = cut(given, isCut ? width : Infinity);
  const last = spans.at(-1);
  const trimmed = last === undefined ? spans : [...spans.slice(0, -1), { ...last, text: last.text.trimEnd() }];
  return trimmed.map(({ text, tone }) => (text === '' ? '' : paints[tone](text))).join('');
}

export const paintAll = (lines: readonly Line[], style: Style): readonly string[] =>
  lines.map((each) => paint(each, style));

/** Breaks a text at blanks; every line but the first begins with `indent`. */
export function wrap(text: string, width: number, indent = ''): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of harmless(text)
    .split(/\s+/)
    .filter((each) => each !== '')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (lengthOf(longer) > width && current.trim() !== '') {
      lines.push(current);
      current = indent + word;
    } else current = longer;
  }
  return current === '' ? lines : [...lines, current];
}

/** Whether a stream shows colours: `NO_COLOR` and `FORCE_COLOR` decide, else whether it is a terminal that can. */
export function isColored(env: Io['env'], output: Output): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0';
  return output.isTTY === true && env['TERM'] !== 'dumb';
}

const widths = { least: 80, most: 200, usual: 100 };

/** Lines of a terminal are as wide as it is, at most 200; elsewhere `COLUMNS` or 100. */
export function styleOf({ env, stdout }: Pick<Io, 'env' | 'stdout'>): Style {
  const told = stdout.columns ?? (Number(env['COLUMNS']) || widths.usual);
  // A terminal narrower than that would break lines by itself, and a redraw would lose count of them.
  const least = stdout.isTTY === true ? 20 : widths.least;
  return {
    width: Math.min(widths.most, Math.max(least, told)),
    isColored: isColored(env, stdout),
    isCut: stdout.isTTY === true,
  };
}
