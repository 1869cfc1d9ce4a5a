import type { LeaseRecord } from '../core/sentinel/lease';
import type { SentinelFile } from '../core/sentinel/schema';
import type { Slot } from '../core/plan/effects';
import { formatIssue } from '../core/descriptor/issue';
import { readSentinelFile } from '../descriptor-files/read-sentinel-file';
import { PortError } from '../ports/errors';
import { closeGate, safeSlot, type ClosedProxy } from '../sentinel/close-gate';
import { openStateFile, realClocks } from '../sentinel/state-file';
import { exitCodes } from './exit-codes';
import { UsageError } from './fault';
import { print, printJson, say, type Io } from './io';

export type CloseOptions = {
  readonly target: string;
  readonly file: string;
  readonly baseline?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
};

function readSlot(text: string | undefined): Slot | undefined {
  if (text === undefined || text === 'blue' || text === 'green') return text;
  throw new UsageError(`--baseline wants blue or green, not ${JSON.stringify(text)}.`);
}

/** What the sentinel knows, without asking it: it may be dead. */
async function readRecord(io: Io, { stateFile }: SentinelFile, target: string): Promise<LeaseRecord | undefined> {
  try {
    return (await openStateFile(stateFile, realClocks).peek())[target];
  } catch (error) {
    // A broken disk must not keep anybody from closing the gate.
    if (!(error instanceof PortError)) throw error;
    say(io, error.message);
    return undefined;
  }
}

function chooseBaseline(
  named: Slot | undefined,
  record: LeaseRecord | undefined,
  { target, file }: CloseOptions,
): Slot {
  const known = named ?? safeSlot(record);
  if (known !== undefined) return known;
  throw new UsageError(
    `the state file of ${file} knows nothing of ${target}, and the baseline is not guessed: say which slot runs the version that must serve, --baseline blue or --baseline green.`,
  );
}

async function confirm(io: Io, { target, yes }: CloseOptions, serving: Slot): Promise<void> {
  if (yes === true) return;
  if (!io.isInteractive) throw new UsageError('nobody can be asked here: say --yes.');
  const answer = await io.ask(`Bring all users of ${target} to ${serving}, and the other slot to maint? Type yes: `);
  if (answer.trim() !== 'yes') throw new UsageError('nothing was changed.');
}

const lineOf = ({ socket, before, after, problem }: ClosedProxy): string =>
  problem === undefined
    ? `✔ ${socket}: before ${before ?? 'unknown'}; now ${after ?? 'unknown'}`
    : `✖ ${socket}: ${before === undefined ? '' : `before ${before}; `}${problem}`;

/** `spillway close`: does by hand what a sentinel does, with nothing but its file. */
export async function close(io: Io, options: CloseOptions): Promise<number> {
  const { target, file } = options;
  const named = readSlot(options.baseline);
  const parsed = await readSentinelFile(file);
  if (!parsed.ok) {
    for (const issue of parsed.issues) say(io, formatIssue(issue));
    return exitCodes.invalid;
  }
  const place = Object.hasOwn(parsed.value.targets, target) ? parsed.value.targets[target] : undefined;
  if (place === undefined)
    throw new UsageError(`${file} has no target ${target}; it has ${Object.keys(parsed.value.targets).join(', ')}.`);
  const record = await readRecord(io, parsed.value, target);
  const serving = chooseBaseline(named, record, options);
  const safe = safeSlot(record);
  if (safe !== undefined && safe !== serving)
    say(io, `Mind: the sentinel knows ${safe} as the slot that serves. Stop it first, or it brings users back there.`);
  await confirm(io, options, serving);
  const closed = await closeGate(place, serving);
  const isClosed = closed.every(({ problem }) => problem === undefined);
  if (options.json === true) printJson(io, { target, serving, ok: isClosed, proxies: closed });
  else print(io, ...closed.map(lineOf));
  return isClosed ? exitCodes.ok : exitCodes.internal;
}
