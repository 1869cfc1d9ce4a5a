/** The `code` of an error of Node's (`ENOENT`, `ECONNREFUSED`), or undefined for any other. By shape: errors cross realms. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
