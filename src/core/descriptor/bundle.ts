import { utf8ToBytes } from '@noble/hashes/utils';
import { z } from 'zod';
import { sha256Hex } from '../canonical';
import { fileIssue, sortIssues, type Finding, type Parsed } from './issue';
import { namedFiles, type NamedFile } from './named-files';
import { checkDescriptor } from './parse';
import type { Descriptor } from './schema';
import { needlessFiles, secretsInFiles } from './secret-files';

/** Largest sum of all texts of a bundle, in bytes of UTF-8. */
export const maxBundleBytes = 1_000_000;

const path = z.string().min(1).max(200);

const bundleSchema = z.strictObject({
  descriptor: z.strictObject({ path, text: z.string() }).readonly(),
  files: z
    .array(z.strictObject({ path, sha256: z.string().regex(/^[0-9a-f]{64}$/), text: z.string() }).readonly())
    .max(500)
    .readonly(),
});

/** A descriptor and exactly the files it names; paths are relative to the descriptor, digests are hex. */
export type Bundle = Readonly<z.infer<typeof bundleSchema>>;
export type BundleFile = Bundle['files'][number];

export type OpenedBundle = {
  readonly descriptor: Descriptor;
  /** Text of every file, by the path the descriptor names it with. */
  readonly files: { readonly [path: string]: string };
  /** A file by the path the descriptor names it with; throws for a path that it does not name. */
  readonly fileOf: (path: string) => BundleFile;
};

type Words = Pick<Finding, 'code' | 'message' | 'fix'>;

const packAgain = 'start again with `spillway start`, which packs the bundle itself';

/** Opens a bundle that came from somebody else: everything the sender should have checked is checked again. */
export function openBundle(received: unknown): Parsed<OpenedBundle> {
  const shaped = bundleSchema.safeParse(received);
  if (!shaped.success) {
    return refuse('bundle', { code: 'bundle-malformed', message: 'this is not a bundle', fix: packAgain });
  }
  const bundle = shaped.data;
  const words = refuseSize(bundle) ?? refuseFiles(bundle);
  if (words !== undefined) return refuse(bundle.descriptor.path, words);
  const checked = checkDescriptor(bundle.descriptor.text, bundle.descriptor.path);
  if (!checked.ok) return checked;
  const { value: descriptor, source } = checked.value;
  const named = namedFiles(descriptor);
  const { notSecret } = descriptor;
  const findings = [...named.flatMap((file) => checkNamed(file, bundle)), ...needlessFiles(bundle.files, notSecret)];
  if (findings.length > 0) return { ok: false, issues: sortIssues(findings.map(source.locate)) };
  const extra = bundle.files.find(({ path }) => !named.some((file) => file.path === path));
  if (extra !== undefined) {
    const message = `the bundle holds ${JSON.stringify(extra.path)}, which the descriptor does not name`;
    return refuse(bundle.descriptor.path, { code: 'file-not-named', message, fix: packAgain });
  }
  const secrets = secretsInFiles(bundle.files, notSecret);
  if (secrets.length > 0) return { ok: false, issues: secrets };
  const files = Object.fromEntries(bundle.files.map(({ path, text }) => [path, text]));
  return { ok: true, value: { descriptor, files, fileOf: (path) => find(bundle, path) } };
}

function refuse(
  file: string,
  words: Words,
): { readonly ok: false; readonly issues: readonly [ReturnType<typeof fileIssue>] } {
  return { ok: false, issues: [fileIssue(file, words)] };
}

/** The size of a bundle as it is bounded: all its texts, in bytes of UTF-8. */
function bundleBytes({ descriptor, files }: Bundle): number {
  return [descriptor, ...files].reduce((sum, { text }) => sum + utf8ToBytes(text).length, 0);
}

function refuseSize(bundle: Bundle): Words | undefined {
  if (bundleBytes(bundle) <= maxBundleBytes) return undefined;
  return {
    code: 'bundle-too-large',
    message: `the descriptor and its files are larger than ${maxBundleBytes / 1_000_000} MB together`,
    fix: 'move data out of the SQL files; they should hold statements, not rows',
  };
}

function refuseFiles({ files }: Bundle): Words | undefined {
  const paths = files.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) {
    return { code: 'file-twice', message: `the bundle holds ${JSON.stringify(twice)} twice`, fix: packAgain };
  }
  const forged = files.find(({ sha256, text }) => sha256Hex(text) !== sha256);
  if (forged === undefined) return undefined;
  const message = `${JSON.stringify(forged.path)} is not the text its digest names`;
  return { code: 'digest-mismatch', message, fix: packAgain };
}

function checkNamed({ path, namedAt }: NamedFile, { files }: Bundle): readonly Finding[] {
  const file = files.find((each) => each.path === path);
  const words = file === undefined ? absent : refuseText(file.text);
  return words === undefined ? [] : [{ ...words, path: namedAt }];
}

const absent: Words = { code: 'file-not-in-bundle', message: 'the file is not in the bundle', fix: packAgain };

/** What makes a file's text unfit for a bundle, or undefined when it is fit. */
function refuseText(text: string): Words | undefined {
  if (text.trim() === '') {
    return { code: 'file-empty', message: 'the file is empty', fix: 'write its SQL, or do not name it' };
  }
  // A lone surrogate has no UTF-8, so its digest would also fit another text.
  if (!/[\0\p{Cs}]/u.test(text)) return undefined;
  return { code: 'file-not-text', message: 'the file is binary', fix: 'save it as plain UTF-8 text' };
}

function find({ files }: Bundle, path: string): BundleFile {
  const file = files.find((each) => each.path === path);
  if (file === undefined) throw new Error(`the descriptor names no file ${path}`);
  return file;
}
