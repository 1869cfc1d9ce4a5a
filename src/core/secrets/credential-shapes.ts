import { isReference } from './reference';

type Shape = {
  /** Stable name in words, as errors tell it. */
  readonly rule: string;
  /** A first group, where there is one, holds the secret itself. Every repetition is bounded, or begins at the edge of a word: hostile text costs linear time. */
  readonly pattern: RegExp;
};

/**
 * Texts whose form alone says that they let somebody in, as who issues them documents it: RFC 7468 (private keys), AWS
 * (unique identifiers of IAM), GitHub ("Behind GitHub's new authentication token formats"), GitLab ("Token overview"),
 * Slack ("Token types", "Incoming webhooks"), Stripe ("API keys"), npm ("About access tokens"), PyPI ("API tokens"), Google
 * ("API keys"), SendGrid, Azure Storage (connection strings), RFC 7519 (JWT), RFC 3986 §3.2.1 (user info), RFC 9110 §11.6.2
 * (Authorization), Unleash ("API tokens and client keys").
 */
const shapes: readonly Shape[] = [
  { rule: 'private-key', pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[\s\S]*/g },
  { rule: 'aws-access-key', pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/g },
  { rule: 'github-token', pattern: /gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}/g },
  { rule: 'gitlab-token', pattern: /gl(?:agent|cbt|dt|ft|imt|oas|pat|ptt|rt|soat)-[\w-]{20,300}/g },
  { rule: 'slack-token', pattern: /(?:xox[abeoprs]|xapp)-[\w-]{10,300}/g },
  { rule: 'slack-webhook', pattern: /hooks\.slack(?:-gov)?\.com\/(?:services|triggers|workflows)\/[\w/-]{10,300}/g },
  { rule: 'stripe-key', pattern: /(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,250}/g },
  { rule: 'npm-token', pattern: /npm_[A-Za-z0-9]{36}/g },
  { rule: 'pypi-token', pattern: /pypi-AgE[\w-]{40,500}/g },
  { rule: 'google-api-key', pattern: /AIza[\w-]{35}/g },
  { rule: 'sendgrid-key', pattern: /SG\.[\w-]{22}\.[\w-]{43}/g },
  { rule: 'azure-account-key', pattern: /AccountKey=[A-Za-z0-9+/]{40,200}={0,2}/g },
  { rule: 'json-web-token', pattern: /(?<![\w.-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  { rule: 'unleash-token', pattern: /(?<![\w*[\].:-])[\w*[\]-]{1,100}:[\w*-]{1,100}\.[0-9a-f]{56,64}(?![0-9a-f])/g },
  {
    rule: 'authorization-header',
    pattern: /Authorization['"]?\s{0,3}[:=]\s{0,3}['"]?(?:Basic|Bearer)\s{1,3}([^\s'"]{8,4096})/gi,
  },
  { rule: 'url-with-password', pattern: /:\/\/[^\s/?#@:'"]{0,256}:([^\s/?#@]{1,1024})@/g },
];

/** A credential in a text: by which rule, and where it begins. Never what it is. */
export type FoundCredential = { readonly rule: string; readonly index: number };

const isSecret = ([, secret]: RegExpMatchArray): boolean => secret === undefined || !isReference(secret);

/** Every well-known credential in a text, in the order of their rules. */
export const credentialsIn = (text: string): readonly FoundCredential[] =>
  shapes.flatMap(({ rule, pattern }) =>
    [...text.matchAll(pattern)].filter(isSecret).map(({ index }) => ({ rule, index })),
  );

/** The text with every well-known credential replaced by `[secret]`. */
export const withoutCredentials = (text: string): string =>
  shapes.reduce((clean, { pattern }) => clean.replace(pattern, '[secret]'), text);
