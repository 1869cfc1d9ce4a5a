import { PortError } from '../ports/errors';
import { errorCode } from './error-code';

const shortestSecret = 4;

/**
 * The secret behind `env:NAME` or `file:PATH` (trailing line ends trimmed).
 * @throws PortError `Rejected` naming the reference and how to set it, never a value.
 */
export async function resolveSecret(
  reference: string,
  env: { readonly [name: string]: string | undefined },
  readFile: (path: string) => Promise<string>,
): Promise<string> {
  const [kind, place] = splitReference(reference);
  if (kind === 'env') {
    const value = env[place];
    if (value) return value;
    const state = value === undefined ? 'is not set' : 'is empty';
    throw new PortError('Rejected', `secret ${reference}: variable ${place} ${state}; export it to the worker`);
  }
  const text = await readSecretFile(reference, place, readFile);
  const value = text.replace(/[\r\n]+$/, '');
  if (value !== '') return value;
  throw new PortError('Rejected', `secret ${reference}: the file is empty; write the secret into it`);
}

function splitReference(reference: string): readonly ['env' | 'file', string] {
  if (/^env:./.test(reference)) return ['env', reference.slice('env:'.length)];
  if (/^file:./.test(reference)) return ['file', reference.slice('file:'.length)];
  // The text is not repeated: a secret pasted in place of its reference would be printed.
  throw new PortError('Rejected', 'a secret reference is neither env:NAME nor file:PATH; write one of the two');
}

async function readSecretFile(reference: string, path: string, readFile: (path: string) => Promise<string>) {
  try {
    return await readFile(path);
  } catch (error) {
    const code = errorCode(error) ?? 'unreadable';
    const next = 'create the file and let the worker read it';
    throw new PortError('Rejected', `secret ${reference}: the file cannot be read (${code}); ${next}`);
  }
}

/**
 * Replaces every occurrence of the secrets by `[secret]`, also URL-encoded ones and the password inside a secret URL.
 * Secrets under 4 characters are left alone: replacing them would only garble the text.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => [secret, ...passwords(secret)])
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter((form) => form.length >= shortestSecret);
  // Longest first, or a secret that begins with another one would leave its tail behind.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((clean, form) => clean.replaceAll(form, '[secret]'), text);
}

function passwords(secret: string): readonly string[] {
  const encoded = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*:([^/?#]*)@/i.exec(secret)?.[1];
  if (encoded === undefined) return [];
  try {
    return [encoded, decodeURIComponent(encoded)];
  } catch {
    return [encoded]; // Not percent-encoded: the raw form is the only one.
  }
}
