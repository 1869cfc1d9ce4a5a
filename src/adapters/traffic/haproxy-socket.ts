import { connect } from 'node:net';
import { PortError } from '../../ports/errors';
import { startPatientTimer } from '../patient-timer';

export type HaproxyQuestion = {
  /** Path of a Unix socket, or host:port. */
  readonly socket: string;
  /** One line; `;` joins several commands. */
  readonly command: string;
  readonly timeoutMs: number;
};

const writes = /^(set|prepare|add|commit) /;

/** A thousand servers are about 600 KB. */
const maxAnswerCharacters = 16_000_000;

type Address = { readonly path: string } | { readonly host: string; readonly port: number };

const parseAddress = (socket: string): Address => {
  if (socket.includes('/')) return { path: socket };
  const [, host, port] = /^\[?([^[\]]+?)\]?:(\d{1,5})$/.exec(socket) ?? [];
  if (host !== undefined && port !== undefined) return { host, port: Number(port) };
  throw new PortError(
    'Rejected',
    `HAProxy socket "${socket}" is neither a path nor host:port. Write it as /run/haproxy/admin.sock or 127.0.0.1:9999 in the environment file.`,
  );
};

const unavailable = (socket: string, why: string, cause?: unknown) =>
  new PortError(
    'TargetUnavailable',
    `HAProxy at ${socket} does not answer its runtime API: ${why}. Check that HAProxy runs, that "stats socket" in its configuration names this address, and that the worker may read and write it.`,
    { cause },
  );

/**
 * Asks one HAProxy over its runtime API, one connection a question, and returns the whole answer.
 * @throws PortError TargetUnavailable when it cannot be reached or is silent for `timeoutMs`; Rejected for a malformed address.
 */
export const askHaproxy = ({ socket, command, timeoutMs }: HaproxyQuestion): Promise<string> => {
  const address = parseAddress(socket);
  return new Promise((resolve, reject) => {
    let answer = '';
    const connection = connect(address);
    const fail = (why: string, cause?: unknown) => {
      stopTimer();
      connection.destroy();
      reject(unavailable(socket, why, cause));
    };
    const startTimer = () => startPatientTimer(timeoutMs, () => fail(`no complete answer within ${timeoutMs} ms`));
    let stopTimer = startTimer();
    connection.setEncoding('utf8');
    const askedAtMs = performance.now();
    connection.on('connect', () => {
      // A process that stood still while it connected must not write now what it meant to write long ago; it may still ask.
      const isLate = performance.now() - askedAtMs > timeoutMs;
      if (isLate && writes.test(command)) return fail(`it stood still for more than ${timeoutMs} ms`);
      if (isLate) {
        stopTimer();
        stopTimer = startTimer();
      }
      connection.write(`${command}\n`);
    });
    connection.on('data', (text: string) => {
      answer += text;
      if (answer.length > maxAnswerCharacters) fail(`its answer is longer than ${maxAnswerCharacters} characters`);
    });
    connection.on('end', () => {
      stopTimer();
      connection.destroy();
      resolve(answer);
    });
    connection.on('error', (error) => fail(error.message, error));
  });
};
