type Fields = { readonly [key: string]: unknown };

/** An environment file with these targets and nothing else that matters, as the value before it is parsed. */
export const environmentOf = (targets: Fields): Fields => ({
  apiVersion: 'spillway/v1',
  kind: 'environment',
  name: 'production',
  store: { dsn: 'env:STORE_DSN' },
  sealKey: 'env:SEAL_KEY',
  services: {},
  targets,
});
