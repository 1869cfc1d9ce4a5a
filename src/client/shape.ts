/** Whether a value from outside is an object that has all these keys. */
export const isObjectWith = (value: unknown, keys: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value);
