import { z } from 'zod';
import { parseLimit } from './descriptor/limit';
import { parseValueLimit, type ValueSide } from './descriptor/value-limit';
import { parseDuration } from './duration';

export const durationText = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write a whole number with its unit: `500ms`, `30s`, `10m`, `4h`, `14d`')
  .refine((text) => parseDuration(text) !== undefined)
  .describe('A whole number with its unit: 500ms, 30s, 10m, 4h, 14d.');

export const limitText = z
  .string()
  .refine((text) => parseLimit(text) !== undefined, 'write `baseline + 0.5%`, `baseline * 1.2` or `1%`');

/** A limit of a value beside the baseline's. */
export const valueLimitText = (side: ValueSide) =>
  z
    .string()
    .refine(
      (text) => parseValueLimit(text, side) !== undefined,
      side === 'max'
        ? 'write a number, `baseline + 0.1` or `baseline * 1.2`'
        : 'write a number, `baseline - 0.1` or `baseline * 0.9`',
    );
