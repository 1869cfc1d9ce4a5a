/**
 * Settings of somebody's own Temporal that would mix with those of the embedded one: a key or a certificate alone
 * makes every client ask the embedded server for TLS, which it does not speak.
 */
export const otherTemporalSettings = [
  'TEMPORAL_API_KEY',
  'TEMPORAL_PROFILE',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_CODEC_AUTH',
  'TEMPORAL_CODEC_ENDPOINT',
] as const;

/** For the environment of a process: it sees none of them. */
export const withoutOtherTemporal: { readonly [name: string]: undefined } = Object.fromEntries(
  otherTemporalSettings.map((name) => [name, undefined]),
);
