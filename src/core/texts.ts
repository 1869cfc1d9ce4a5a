import { z } from 'zod';
import { parseLimit } from './descriptor/limit';
import { parseDuration } from './duration';

export const durationText = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'write a whole number with its unit: `500ms`, `30s`, `10m`, `4h`, `14d`')
  .refine((text) => parseDuration(text) !== undefined)
  .describe('A whole number with its unit: 500ms, 30s, 10m, 4h, 14d.');

export const limitText = z
  .string()
  .refine((text) => parseLimit(text) !== undefined, 'write `baseline + 0.5%`, `baseline * 1.2` or `1%`');
