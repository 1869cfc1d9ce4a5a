import type { Finding } from './issue';

/** Numbers that would silently become others, or that people and programs read differently. */
export function checkNumber(value: number, written: string): Omit<Finding, 'path'> | undefined {
  if (!Number.isFinite(value)) {
    return { code: 'number-not-finite', message: `${shorten(written)} is not a finite number`, fix: 'write a number' };
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return {
      code: 'number-too-large',
      message: `${shorten(written)} is too large to be kept exactly`,
      fix: 'quote it if it is text, or write a smaller number',
    };
  }
  if (!/^[-+]?0[0-9oxOX]/.test(written)) return undefined;
  return {
    code: 'number-ambiguous',
    message: `${shorten(written)} looks octal or hexadecimal, and readers disagree about its value`,
    fix: `quote it if it is text, or write ${value}`,
  };
}

const shorten = (written: string): string => (written.length > 40 ? `${written.slice(0, 40)}…` : written);
