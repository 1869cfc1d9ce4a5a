import type { Finding } from '../issue';
import { placeAt, type Source } from '../source';

/** The version is quoted, because 1.10 without quotes is the number 1.1. */
export function checkVersion({ root, value }: Pick<Source, 'root' | 'value'>): readonly Finding[] {
  const place = placeAt(root, ['version']);
  if (place?.written === undefined || place.written === '' || place.isQuoted) return [];
  const held = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  const written = place.written.trim();
  return [
    {
      code: 'version-not-quoted',
      path: ['version'],
      message: message(held, written),
      fix: /^[\w.+:@/-]{1,100}$/.test(written) ? `write version: "${written}"` : 'put it in double quotes on one line',
    },
  ];
}

function message(held: unknown, written: string): string {
  if (typeof held !== 'number') return 'the version is not quoted, and without quotes some versions become numbers';
  return String(held) === written
    ? `the version is not quoted, so it reads as the number ${held}`
    : `the version is not quoted, so it reads as the number ${held} and no longer as it was written`;
}
