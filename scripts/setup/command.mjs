import { spawn } from 'node:child_process';

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a program to its end. `isShown` lets its output through to standard error; otherwise the last lines are kept.
 * Never throws for an exit code: `{ isOk, tail, isTimedOut }`.
 */
export function runCommand(command, args, { cwd, env = {}, isShown = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: isShown ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe'],
      // A group of its own only where we may have to kill it whole; else Ctrl-C must reach it.
      detached: timeoutMs !== undefined,
    });
    let output = '';
    let isTimedOut = false;
    const keep = (chunk) => {
      output = (output + chunk).slice(-4000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const timer =
      timeoutMs &&
      setTimeout(() => {
        isTimedOut = true;
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch (error) {
          if (error.code !== 'ESRCH') throw error;
        }
      }, timeoutMs);
    const finish = (isOk, extra = '') => {
      clearTimeout(timer);
      const tail = `${output}${extra}`.trim().split('\n').slice(-8).join('\n           ');
      resolve({ isOk, isTimedOut, tail });
    };
    child.on('error', (error) => finish(false, error.message));
    child.on('close', (code) => finish(code === 0 && !isTimedOut));
  });
}
