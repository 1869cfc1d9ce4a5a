/**
 * Ways to say where a secret is: Spillway's own (`env:NAME`, `file:PATH`), a variable, AWS Secrets Manager or Parameter Store,
 * Google Secret Manager, Vault with its key, 1Password.
 */
const forms: readonly RegExp[] = [
  /^env:[A-Za-z_]\w*$/,
  /^file:\S[^\r\n]*$/,
  /^\$\{[A-Za-z_]\w*\}$/,
  /^arn:aws[\w-]*:(?:secretsmanager|ssm):\S+$/,
  /^projects\/[\w-]+\/secrets\/[\w-]+(?:\/versions\/\w+)?$/,
  /^vault:[\w./-]+#[\w.-]+$/,
  /^op:\/\/\S+$/,
];

/** Whether a text says where a secret is, and not what it is. */
export const isReference = (text: string): boolean => forms.some((form) => form.test(text.trim()));
