import { spawn } from 'node:child_process';
import { StackError } from './stack-error';

/** Outlives this process to take its children and its run directory down when it dies without a chance to. */
export interface Watchdog {
  guard(pid: number): void;
  forget(pid: number): void;
  /** Ends the watchdog; what is still guarded, because it could not be stopped, it takes down first. */
  close(): Promise<void>;
}

// It reads orders from a pipe; the end of the pipe means that the other side is gone, however it went.
// PostgreSQL leaves shared memory behind when killed outright, hence the interrupt and the grace of three seconds.
const script = `
trap '' INT TERM HUP
guarded=' '
while read -r verb pid; do
  case $verb in
    guard) guarded="$guarded$pid ";;
    forget) guarded=$(printf %s "$guarded" | sed "s/ $pid / /");;
  esac
done
for pid in $guarded; do kill -INT "$pid"; done
tries=0
while [ $tries -lt 30 ]; do
  alive=
  for pid in $guarded; do kill -0 "$pid" && alive=1; done
  [ "$alive" ] || break
  sleep 0.1
  tries=$((tries + 1))
done
for pid in $guarded; do kill -KILL -- "-$pid"; done
[ "$KEEP" ] || rm -rf "$RUN_DIRECTORY"
`;

/** Starts the watchdog of one run directory (removed with the children unless `isKept`). */
export function createWatchdog(runDirectory: string, isKept: boolean): Watchdog {
  const child = spawn('/bin/sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: process.env['PATH'], RUN_DIRECTORY: runDirectory, KEEP: isKept ? '1' : '' },
    detached: true,
  });
  const exited = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => reject(new StackError(`The stack's watchdog did not start: ${error.message}`)));
  });
  // Both are only handles on its life; neither may keep this process from ending.
  exited.catch(() => undefined);
  child.unref();
  child.stdin.on('error', () => undefined);
  const order = (line: string) => child.stdin.write(`${line}\n`);
  return {
    guard: (pid) => void order(`guard ${pid}`),
    forget: (pid) => void order(`forget ${pid}`),
    close: async () => {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}
