import { exitCodes } from './exit-codes';
import { printJson, say, type Io } from './io';

/** Somebody asked for what cannot be asked for. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : 'internal');

const known = ['ClientError', 'UsageError', 'PortError', 'StackError', 'ChangeRefusal'];
/** What was asked for in vain: a decision that comes too late says the same before and after its workflow has closed. */
const denials = ['refused', 'already-running', 'ended'];

/** Says a fault, as talk or as JSON, and gives the exit code; a bug shows where it is. */
export function reportFault(io: Io, error: unknown, isJson: boolean): number {
  const found = error instanceof Error ? error : new Error(String(error));
  const isKnown = known.includes(found.name);
  const code = found.name === 'UsageError' ? 'usage' : codeOf(found);
  if (isJson) printJson(io, { error: { code, message: found.message } });
  say(io, `spillway: ${isKnown ? found.message : (found.stack ?? found.message)}`);
  if (found.name === 'ChangeRefusal') return exitCodes.invalid;
  return isKnown && denials.includes(code) ? exitCodes.denied : exitCodes.internal;
}
