import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksIn, pages, root, type Block } from './pages';
import { scenes } from './scenes';
import { startTrial, type Step, type Trial } from './trial';

const { scripts, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  bin: Record<string, string>;
};

/** Started by the test itself, or by nobody because it needs the reader's own machine. */
const isElsewhere = (line: string): boolean => /^(npm |git clone |npx spillway (dev|demo)\b)/.test(line);
const isRunnable = (line: string): boolean => /^(npx spillway |export )/.test(line);
const linesOf = ({ text }: Block): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

const stepOf = (line: string): Step => {
  const [, command = line, code = '0'] = /^(.*?) # ends with (\d+)$/.exec(line) ?? [];
  return { line: command, endsWith: Number(code) };
};

const withCommands = pages.filter((page) => blocksIn(page, 'sh').length > 0);
// Its migration needs version 1 in service, as a reader has it.
const inOrder = [...withCommands].sort((a, b) => Number(b.includes('tutorial')) - Number(a.includes('tutorial')));

describe('commands of the pages', () => {
  let trial: Trial;
  beforeAll(async () => {
    trial = await startTrial();
  }, 120_000);
  afterAll(() => trial?.stop(), 60_000);

  it.each(inOrder)(
    '%s: every command ends as the page says',
    async (page) => {
      const sandbox = await trial.sandbox();
      for (const [number, block] of blocksIn(page, 'sh').entries()) {
        await scenes[page]?.[number]?.(trial, sandbox);
        const steps = linesOf(block).filter((line) => !isElsewhere(line));
        await sandbox.run(steps.map(stepOf)).catch((error: Error) => {
          throw new Error(`${page}:${block.line}: ${error.message}`);
        });
      }
    },
    240_000,
  );
});

describe('commands that are not run', () => {
  it('are scripts of the package, the embedded stack or a clone', () => {
    const all = withCommands.flatMap((page) => blocksIn(page, 'sh').flatMap(linesOf));
    const unknown = all.filter((line) => !isElsewhere(line) && !isRunnable(line));
    const missing = all.flatMap((line) => {
      const name = /^npm (?:run )?([\w:]+)/.exec(line)?.[1];
      return name === undefined || name === 'ci' || scripts[name] !== undefined ? [] : [line];
    });
    expect({ unknown, missing }).toEqual({ unknown: [], missing: [] });
    expect(bin).toEqual({ spillway: 'bin/spillway.js' });
  });

  it('are listed here where they need a machine of the reader', () => {
    const found = Object.fromEntries(
      pages.flatMap((page) => {
        const count = blocksIn(page, 'console').length;
        return count === 0 ? [] : [[page, count]];
      }),
    );
    expect(found).toEqual({
      'docs/explanation/how-it-is-tested.md': 2, // a seed and a case that failed, minutes long
      'docs/how-to/adopt-your-haproxy-and-service.md': 3, // deploy by hand, doctor with own secrets, the first state file
      'docs/how-to/choose-a-rollback-mode.md': 1, // a drain, and its end
      'docs/how-to/close-by-hand.md': 3, // close with and without a baseline, HAProxy's socket
      'docs/how-to/keep-configuration-in-git.md': 1, // a signature of the reader's own key
      'docs/how-to/look-back.md': 2, // a store and a Prometheus with a past
      'docs/how-to/release-from-ci.md': 1, // an abort that the page warns of
      'docs/how-to/run-a-sentinel.md': 3, // token, start, doctor with own secrets
      'docs/how-to/run-a-worker.md': 3, // key, search attributes, start
      'docs/how-to/when-a-rollback-is-stuck.md': 3, // continue, waive, abort
      'docs/how-to/write-migrations.md': 10, // files, databases and contracts of the reader's own
      'docs/tutorial/first-release.md': 1, // the line that dev prints
    });
  });

  it('name commands that exist', () => {
    const named = pages.flatMap((page) =>
      blocksIn(page, 'console').flatMap(({ text }) =>
        [...text.matchAll(/npx spillway ([\w-]+)/g)].map(([, name]) => name),
      ),
    );
    const help = readFileSync(join(root, 'docs/reference/cli.md'), 'utf8');
    expect(named.filter((name) => !help.includes(`### spillway ${name}\n`))).toEqual([]);
  });

  it('are marked as a shell of the reader, of ours, or output', () => {
    const strange = pages.flatMap((page) =>
      ['bash', 'shell', ''].flatMap((language) =>
        blocksIn(page, language)
          .filter(({ text }) => !text.startsWith('#!'))
          .map(({ line }) => `${page}:${line}`),
      ),
    );
    expect(strange).toEqual([]);
  });
});
