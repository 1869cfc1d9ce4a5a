import type { Sight } from '../client';
import { reportOf } from '../core/release/report';
import { print, printJson, say, type Io } from './io';
import { releaseJson } from './release-json';
import { changeLines, type Seen } from './render/changes';
import { line, paintAll, styleOf, type Line } from './render/line';
import { releaseTree } from './render/release-tree';
import { reportLines } from './render/report';
import { createScreen } from './render/screen';

export type SightPrinter = {
  show(sight: Sight): void;
  /** Leaves the terminal as it was; with a code, says the end to whoever reads JSON. */
  close(code?: number): void;
};

type Formats = { readonly json?: boolean | undefined; readonly jsonl?: boolean | undefined };

/** How a release is shown while it runs: a tree in place on a terminal, lines elsewhere, JSON where it was asked for. */
export function createSightPrinter(io: Io, workflowId: string, { json, jsonl }: Formats): SightPrinter {
  if (json === true) return createJsonPrinter(io, workflowId);
  if (jsonl === true) return createJsonLinesPrinter(io, workflowId);
  const isScreen = io.stdout.isTTY === true && io.env['TERM'] !== 'dumb';
  return isScreen ? createTreePrinter(io, workflowId) : createLinePrinter(io, (text) => print(io, text));
}

function createTreePrinter(io: Io, workflowId: string): SightPrinter {
  const screen = createScreen(io.stdout);
  let last: readonly Line[] = [];
  return {
    show(sight) {
      // Read each time: the window may have changed.
      const style = styleOf(io);
      const { width } = style;
      if (sight.kind === 'state') {
        const { state, view, progress, standing } = sight;
        last = [
          ...releaseTree({ workflowId, state, view, progress, nowMs: io.now(), width }),
          ...(standing === undefined ? [] : [line(standing, 'bad')]),
        ];
      }
      const lines =
        sight.kind === 'report'
          ? reportLines(sight.report, width)
          : sight.kind === 'silence'
            ? [...last, line(sight.reason, 'bad')]
            : last;
      screen.draw(paintAll(lines, style));
    },
    close: () => screen.close(),
  };
}

/** One line for each change; `write` is told the lines. */
function createLinePrinter(io: Io, write: (text: string) => void): SightPrinter {
  let seen: Seen | undefined;
  let silence = '';
  return {
    show(sight) {
      const why = sight.kind === 'silence' ? sight.reason : sight.kind === 'state' ? (sight.standing ?? '') : '';
      if (why !== '' && why !== silence) say(io, why);
      silence = why;
      if (sight.kind === 'silence') return;
      if (sight.kind === 'report')
        for (const text of paintAll(reportLines(sight.report, 200), { width: 200, isColored: false, isCut: false }))
          write(text);
      else {
        const now: Seen = { state: sight.state, view: sight.view ?? seen?.view };
        for (const text of changeLines(seen, now, io.now())) write(text);
        seen = now;
      }
    },
    close: () => undefined,
  };
}

/** Talk goes by while it runs, and one object comes at the end. */
function createJsonPrinter(io: Io, workflowId: string): SightPrinter {
  const talk = createLinePrinter(io, (text) => say(io, text));
  let last: Sight | undefined;
  return {
    show(sight) {
      talk.show(sight);
      if (sight.kind !== 'silence') last = sight;
    },
    close(exitCode) {
      if (exitCode === undefined) return;
      const shown =
        last?.kind === 'report'
          ? last.report
          : last?.kind === 'state'
            ? {
                ...releaseJson(workflowId, last),
                report: last.state.endedAtMs === undefined ? null : reportOf(last.state),
              }
            : {};
      printJson(io, { workflowId, exitCode, ...shown });
    },
  };
}

/** One object for each sight that differs from the one before. */
function createJsonLinesPrinter(io: Io, workflowId: string): SightPrinter {
  let told = '';
  return {
    show(sight) {
      const object =
        sight.kind === 'state'
          ? { type: 'state', ...releaseJson(workflowId, sight) }
          : sight.kind === 'report'
            ? { type: 'report', workflowId, ...sight.report }
            : { type: 'silence', workflowId, reason: sight.reason };
      const text = JSON.stringify(object);
      if (text !== told) print(io, text);
      told = text;
    },
    close(exitCode) {
      if (exitCode !== undefined) printJson(io, { type: 'end', workflowId, exitCode });
    },
  };
}
