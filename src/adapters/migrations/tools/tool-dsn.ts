/** A DSN for a tool: with the limits of its target, and with the same idea of TLS as Spillway's own driver has. */
export function toolDsn(
  dsn: string,
  limits: { readonly lockTimeoutMs: number; readonly statementTimeoutMs: number },
  applicationName: string,
): string {
  const url = new URL(dsn);
  // Go's drivers ask for TLS when nothing is said, and node's does not.
  if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', 'disable');
  url.searchParams.set('lock_timeout', String(limits.lockTimeoutMs));
  url.searchParams.set('statement_timeout', String(limits.statementTimeoutMs));
  url.searchParams.set('application_name', applicationName);
  return url.href;
}
