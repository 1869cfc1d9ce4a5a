import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Person } from '../client';
import { UsageError } from './fault';
import type { Io } from './io';

export type PersonOptions = { readonly why?: string | undefined; readonly as?: string | undefined };

const present = (text: string | undefined): string | undefined => {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
};

async function gitEmail({ directory }: Io): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['config', 'user.email'], { cwd: directory, timeout: 2_000 });
    return present(stdout);
  } catch {
    // Neither git nor an address in it is needed: the login name is the next best.
    return undefined;
  }
}

/** Who acts: `--as`, `SPILLWAY_USER`, the address git knows, or the login name. */
export async function whoActs(io: Io, as?: string): Promise<string> {
  const who =
    present(as) ??
    present(io.env['SPILLWAY_USER']) ??
    (await gitEmail(io)) ??
    present(io.env['USER']) ??
    present(io.env['USERNAME']);
  if (who === undefined) throw new UsageError('nobody is known to act: say who by --as NAME or SPILLWAY_USER.');
  return who;
}

/** Who and why; the reason is asked for on a terminal and must be given elsewhere. */
export async function readPerson(io: Io, { why, as }: PersonOptions): Promise<Person> {
  const by = await whoActs(io, as);
  const reason =
    present(why) ?? (io.isInteractive ? present(await io.ask(`Why (recorded as said by ${by})? `)) : undefined);
  if (reason === undefined) throw new UsageError('say why by --why "…": the reason is kept with the release.');
  return { by, why: reason };
}
