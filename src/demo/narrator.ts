import { createInterface } from 'node:readline/promises';
import type { Io } from '../cli/io';
import { changeLines, type Seen } from '../cli/render/changes';
import { paintAll, styleOf, wrap, line, type Line } from '../cli/render/line';
import { releaseTree } from '../cli/render/release-tree';
import { sightLines } from './sight-lines';
import { createScreen } from '../cli/render/screen';
import { table } from '../cli/render/table';

/** Tells the person what happens: pictures in place on a terminal, one line a change elsewhere. */
export type Narrator = {
  /** A paragraph, broken at the width of the terminal. */
  say(text: string): void;
  heading(text: string): void;
  /** Lines as they are. */
  list(lines: readonly string[]): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** Shows a release as it is now; the same picture until `rest`. */
  show(workflowId: string, seen: Seen): void;
  /** Leaves the last picture where it stands. */
  rest(): void;
  /** A question at the terminal, answered by y or anything else; rejects when the signal comes first. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
};

export type NarratorOptions = {
  /** Answers every question with yes. */
  readonly yes: boolean;
};

async function askPerson(question: string, signal: AbortSignal): Promise<boolean> {
  // Without `terminal` Ctrl-C stays a signal and does not become a key that only this question sees.
  const reader = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  try {
    return /^y(es)?$/i.test((await reader.question(question, { signal })).trim());
  } finally {
    reader.close();
    process.stdin.pause();
  }
}

function createPicture(io: Io, print: (lines: readonly Line[]) => void) {
  const { stdout, env } = io;
  const isInPlace = stdout.isTTY === true && env['TERM'] !== 'dumb';
  let screen = createScreen(stdout);
  let last: Seen | undefined;
  return {
    isInPlace,
    show(workflowId: string, seen: Seen) {
      const style = styleOf(io);
      if (isInPlace)
        screen.draw(paintAll(releaseTree({ workflowId, ...seen, nowMs: io.now(), width: style.width }), style));
      else print([...changeLines(last, seen, io.now()), ...sightLines(last, seen)].map((text) => line(`  ${text}`)));
      last = seen;
    },
    rest() {
      screen.close();
      screen = createScreen(stdout);
      last = undefined;
    },
  };
}

/** A narrator on this output. */
export function createNarrator(io: Io, { yes }: NarratorOptions): Narrator {
  const { stdout } = io;
  const print = (lines: readonly Line[]): void => {
    for (const text of paintAll(lines, styleOf(io))) stdout.write(`${text}\n`);
  };
  const picture = createPicture(io, print);
  let isShowing = false;
  return {
    say: (text) => print(wrap(text, Math.min(100, styleOf(io).width)).map((each) => line(each))),
    heading: (text) => print([line(''), line(text, 'bold')]),
    list: (lines) => lines.forEach((text) => stdout.write(`${text}\n`)),
    table: (head, rows) => print(table(head, rows).map((row) => [{ text: '  ', tone: 'plain' }, ...row])),
    show: (workflowId, seen) => {
      isShowing = true;
      picture.show(workflowId, seen);
    },
    rest: () => {
      isShowing = false;
      picture.rest();
    },
    async confirm(question, signal) {
      const asked = `${question} [y/N] `;
      if (yes) {
        if (!(isShowing && picture.isInPlace)) stdout.write(`${asked}y (--yes)\n`);
        return true;
      }
      const answer = await askPerson(asked, signal);
      // The picture is drawn over its own lines, so the question below it has to go first.
      if (isShowing && picture.isInPlace) stdout.write('\u001b[1A\r\u001b[J');
      return answer;
    },
  };
}
