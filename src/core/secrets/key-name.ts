const passwords: readonly string[] = ['passphrase', 'passwd', 'password', 'pwd'];
const secrets: readonly string[] = [
  ...passwords,
  'apikey',
  'bearer',
  'credential',
  'credentials',
  'jwt',
  'pass',
  'passwords',
  'secret',
  'secrets',
  'token',
  'tokens',
];
/** Ends of words that were written together, such as `dbpassword`. */
const endings: readonly string[] = [
  'accesskey',
  'apikey',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'secret',
  'secretkey',
  'token',
];
/** What makes a key a secret one: `apiKey` is, `cacheKey` and `publicKey` are not. */
const secretKeys: readonly string[] = [
  'access',
  'account',
  'aes',
  'api',
  'auth',
  'client',
  'encryption',
  'hmac',
  'master',
  'private',
  'secret',
  'shared',
  'signing',
  'ssh',
  'webhook',
];
const collections: readonly string[] = ['apikeys', 'keys', 'passwords', 'secrets', 'tokens'];
/** Words behind a name that leave it what it is. */
const neutral: readonly string[] = [
  'base64',
  'current',
  'dev',
  'encoded',
  'hash',
  'new',
  'old',
  'plain',
  'prev',
  'previous',
  'primary',
  'prod',
  'production',
  'secondary',
  'staging',
  'string',
  'test',
  'text',
  'value',
];

// What decides stands at the end, and the time to take a name apart is bounded.
const longest = 200;

function wordsOf(name: string): readonly string[] {
  return name
    .slice(-longest)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase().replace(/^(\D+)\d+$/, '$1'))
    .filter((word) => word !== '');
}

const isNeutralWord = (word: string): boolean => neutral.includes(word) || /^\d+$/.test(word);

/** The words of a name up to the last one that says what it is. */
function sayingWords(name: string): readonly string[] {
  const words = wordsOf(name);
  const last = words.findLastIndex((word) => !isNeutralWord(word));
  return words.slice(0, last + 1);
}

/** Whether a name only says that a value follows, such as `value`: then the name around it counts. */
export const isNeutralName = (name: string): boolean => sayingWords(name).length === 0;

/** Whether what a key of this name holds is a secret: `db.password`, `API_KEY`, `clientSecret`; not `tokenUrl`, `passwordPolicy`. */
export function isSecretName(name: string): boolean {
  const [last = '', before = ''] = sayingWords(name).slice(-2).reverse();
  if (/^keys?$/.test(last)) return secretKeys.includes(before);
  return secrets.includes(last) || endings.some((ending) => last.endsWith(ending));
}

/** Whether a key of this name holds a password, which may also be a number. */
export function isPasswordName(name: string): boolean {
  const last = sayingWords(name).at(-1) ?? '';
  return passwords.some((word) => last.endsWith(word));
}

/** Whether a key of this name holds several secrets, whatever each of them is called. */
export function isSecretCollection(name: string): boolean {
  const last = sayingWords(name).at(-1) ?? '';
  return collections.includes(last) && isSecretName(name);
}
