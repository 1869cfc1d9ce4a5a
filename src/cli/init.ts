import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { initFiles } from '../descriptor-files/templates';
import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';

export type InitOptions = {
  readonly folder?: string | undefined;
  readonly service?: string | undefined;
  readonly json?: boolean | undefined;
};

const isName = /^[a-z0-9][a-z0-9-]{0,62}$/;

const nameOf = (folder: string): string =>
  path
    .basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63) || 'shop';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** `spillway init`: writes descriptor, environment and policy, commented; overwrites nothing. */
export async function init(io: Io, options: InitOptions): Promise<number> {
  const folder = path.resolve(io.directory, options.folder ?? '.');
  const service = options.service ?? nameOf(folder);
  if (!isName.test(service))
    throw new UsageError(`--service wants lower-case letters, digits and dashes, not ${JSON.stringify(service)}.`);
  const files = initFiles({ service }).map(({ path: name, text }) => ({ file: path.join(folder, name), text }));
  const present = await Promise.all(files.map(async ({ file }) => ((await exists(file)) ? [file] : [])));
  const kept = present.flat();
  if (kept.length > 0)
    throw new UsageError(
      `${kept.join(', ')} ${kept.length === 1 ? 'is' : 'are'} there already; nothing was written. Name another folder: spillway init DIR.`,
    );
  await mkdir(folder, { recursive: true });
  for (const { file, text } of files) await writeFile(file, text, { flag: 'wx' });
  if (options.json === true) printJson(io, { service, files: files.map(({ file }) => file) });
  else print(io, ...files.map(({ file }) => file));
  const descriptor = path.relative(io.directory, files[0]?.file ?? folder) || folder;
  say(io, `Next: spillway lint ${descriptor}, then spillway dev in another terminal and spillway plan ${descriptor}.`);
  return exitCodes.ok;
}
