/** Whether a value from outside is an object. */
export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null;

/** Whether it is one that has all these keys. */
export const isObjectWith = (value: unknown, keys: readonly string[]): boolean =>
  isObject(value) && keys.every((key) => key in value);
