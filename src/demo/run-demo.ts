import { exitCodes } from '../cli/exit-codes';
import { reportFault } from '../cli/fault';
import { say, type Io } from '../cli/io';
import { formatDuration } from '../core/duration';
import { openCompany, type Company } from './company';
import { interrupted, listenForInterruption } from './interruption';
import { keepLogs } from './keep-logs';
import { createNarrator, type Narrator } from './narrator';
import { nextSteps } from './next-steps';
import { listParts, watchParts } from './parts';
import { brokenClaims } from './summary';
import { tellStory } from './tell-story';

export type DemoOptions = { readonly yes: boolean; readonly keep: boolean };

const requestsPerSecond = 320;
const noTerminal =
  'The demo asks for two approvals, and there is no terminal to ask at. Let it answer by itself: npm run demo -- --yes';

/** The whole demo; resolves with the exit code and leaves nothing behind. */
export async function runDemo(io: Io, options: DemoOptions): Promise<number> {
  if (!options.yes && !io.isInteractive) {
    say(io, noTerminal);
    return exitCodes.internal;
  }
  const narrator = createNarrator(io, options);
  const interruption = listenForInterruption(() => {
    narrator.rest();
    narrator.list(['', 'Stopping: everything is taken down …']);
  });
  const { signal } = interruption;
  try {
    return await inCompany(io, { narrator, signal, options });
  } catch (error) {
    // What was under way failed because it was interrupted.
    if (signal.aborted) return exitCodes.detached;
    return reportFault(io, error, false);
  } finally {
    if (signal.aborted) narrator.say('Nothing is left of it.');
    interruption.dispose();
  }
}

type Setting = { readonly narrator: Narrator; readonly signal: AbortSignal; readonly options: DemoOptions };

async function inCompany(io: Io, setting: Setting): Promise<number> {
  const { narrator, signal } = setting;
  narrator.heading('Spillway demo: a good release and a bad one, on real systems on this machine');
  narrator.say('It takes about a minute. Ctrl-C ends it at any time and leaves nothing behind.');
  narrator.heading('1. A small company starts');
  narrator.say(
    'Temporal, PostgreSQL, HAProxy, Prometheus, the shop in version 1.0.0, a sentinel and a Spillway worker …',
  );
  const fromMs = Date.now();
  const company = await openCompany({ requestsPerSecond, signal });
  const unwatch = watchParts(listParts(company.embedded), ({ title, log }) => {
    if (!signal.aborted) say(io, `${title} has ended by itself; its log is ${log}`);
  });
  try {
    narrator.say(`They are up after ${formatDuration(Date.now() - fromMs)}, on free ports of this machine.`);
    return await perform(io, setting, company);
  } catch (error) {
    if (!signal.aborted) say(io, await keepLogs(company.embedded));
    throw error;
  } finally {
    unwatch();
    await company.close();
  }
}

async function perform(io: Io, { narrator, signal, options }: Setting, company: Company): Promise<number> {
  const told = await tellStory({ narrator, signal, company, by: options.yes ? 'demo' : 'you' });
  const broken = brokenClaims(told.claims);
  if (broken.length === 0) narrator.say(`All ${told.claims.length} promises of this demo were checked and kept.`);
  else for (const text of [...broken, await keepLogs(company.embedded)]) say(io, text);
  narrator.heading('Where to look and what to try next');
  const { embedded, environmentFile } = company;
  narrator.list(nextSteps({ isKept: options.keep, directory: embedded.stack.runDirectory, environmentFile, told }));
  if (options.keep) await interrupted(signal);
  return broken.length === 0 ? exitCodes.ok : exitCodes.internal;
}
