/** Plain data: what survives history, continue-as-new and a queue unchanged. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const isJson = (value: unknown): value is Json => value !== undefined && typeof value !== 'function';

/** A plain copy of any data: what JSON cannot hold is left out. */
export function asJson(value: unknown): Json {
  const copy: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
  return isJson(copy) ? copy : null;
}
