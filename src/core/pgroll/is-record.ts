import type { Json } from '../json';

/** Whether a value of a migration file has named settings. */
export const isRecord = (value: unknown): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
