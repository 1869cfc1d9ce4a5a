import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../support/failure';
import { useRepository } from '../../support/git-repository';

describe('configuration in git, beside others', () => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  const { present, open } = useRepository();
  const ours = () =>
    present()
      .subjects()
      .filter((subject) => subject.startsWith('Set '));
  const green = (): unknown => JSON.parse(present().bytes('shop/green.json')?.toString() ?? 'null');

  // The repository looks at a push first; what a hook then does to the branch is a push that was faster.
  const outsideQuarantine = 'unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES';

  /** A worker whose git lets somebody move the branch once, after it has fetched and before it pushes. */
  function overtaken(commit: string) {
    const bin = join(present().directory, 'bin');
    mkdirSync(bin);
    const found = execFileSync('/bin/sh', ['-c', 'command -v git']).toString().trim();
    const move = `"${found}" --git-dir="${present().path}" update-ref refs/heads/main ${commit}`;
    const script = `[ "$1" = push ] && [ ! -e "${bin}/raced" ] && : > "${bin}/raced" && ${move}\nexec "${found}" "$@"`;
    writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return open({ environment: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` } });
  }

  it.each(['before the push', 'while the push is taken'])('takes in what somebody else pushed %s', async (when) => {
    const head = present().git('rev-parse', 'main');
    const theirs = present().write('shop/blue.json', '{"pool":5,"fresh":true}', 'bob');
    present().git('update-ref', 'refs/heads/main', head);
    if (when !== 'before the push')
      present().setHook(
        'pre-receive',
        `[ -e raced ] && exit 0\n: > raced\n${outsideQuarantine}\ngit update-ref refs/heads/main ${theirs}`,
      );
    const port = when === 'before the push' ? overtaken(theirs) : open();
    await port.apply(slots, { pool: 9 }, 'run-1');
    expect(green()).toEqual({ pool: 9, fresh: true });
    expect(present().git('rev-parse', 'main^')).toBe(theirs);
    expect(ours()).toHaveLength(1);
  });

  it('gives up with a conflict when others push all the time, and loses nothing of theirs', async () => {
    present().setHook(
      'pre-receive',
      `${outsideQuarantine}
old=$(git rev-parse refs/heads/main)
new=$(git -c user.name=bob -c user.email=bob@example.com commit-tree -p "$old" -m 'bob was faster' "$old^{tree}")
git update-ref refs/heads/main "$new"`,
    );
    const error = await failure(open().apply(slots, { pool: 9 }, 'run-1'));
    expect(error.code).toBe('Conflict');
    expect(error.message).toMatch(/shop-limits .*somebody else pushed to main first, 8 times in a row/);
    expect(green()).toEqual({ pool: 4 });
    expect(
      present()
        .subjects()
        .filter((subject) => subject === 'bob was faster'),
    ).toHaveLength(8);
    present().setHook('pre-receive', undefined);
    await open().apply(slots, { pool: 9 }, 'run-1');
    expect(green()).toEqual({ pool: 9 });
  });

  it('does not bring back what was taken off the branch in between', async () => {
    const head = present().git('rev-parse', 'main');
    present().write('shop/blue.json', '{"mistake":true}', 'bob');
    await overtaken(head).apply(slots, { pool: 9 }, 'run-1');
    expect(present().git('rev-parse', 'main^')).toBe(head);
    expect(green()).toEqual({ pool: 9 });
  });

  it('lands every change of two workers that push at once', async () => {
    const first = open();
    const second = open({ paths: { blue: 'shop/blue.json', green: 'pay/green.json' } });
    const releases = Array.from({ length: 4 }, (_, index) => `run-${index}`);
    const all = releases.flatMap((release, pool) =>
      [first, second].map((port) => port.apply(slots, { pool }, release)),
    );
    await Promise.all(all);
    expect(ours()).toHaveLength(8);
    expect(await first.isApplied(slots, { pool: 3 })).toBe(true);
    expect(await second.isApplied(slots, { pool: 3 })).toBe(true);
    for (const release of [...releases].reverse()) await first.restore(slots, release);
    expect(present().bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
  });

  it('makes one commit when it died after it had pushed', async () => {
    present().setHook('post-receive', 'kill -9 $PPID');
    const error = await failure(open().apply(slots, { pool: 9 }, 'run-1'));
    expect(error.code).toBe('TargetUnavailable');
    expect(ours()).toHaveLength(1);
    present().setHook('post-receive', undefined);
    const next = open();
    await next.apply(slots, { pool: 9 }, 'run-1');
    expect(ours()).toHaveLength(1);
    await next.restore(slots, 'run-1');
    expect(present().bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
  });

  it.each(['the same worker', 'another worker'])('makes one commit when %s goes on before the push', async (who) => {
    const port = open();
    present().setHook('pre-receive', 'kill -9 $PPID');
    expect((await failure(port.apply(slots, { pool: 9 }, 'run-1'))).code).toBe('TargetUnavailable');
    expect(ours()).toHaveLength(0);
    present().setHook('pre-receive', undefined);
    const next = who === 'the same worker' ? port : open();
    await next.restore(slots, 'run-1');
    expect(present().bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
    await next.apply(slots, { pool: 9 }, 'run-1');
    expect(ours()).toHaveLength(1);
  });

  it('restores once when it died after it had pushed the way back', async () => {
    const port = open();
    await port.apply(slots, { pool: 9 }, 'run-1');
    present().setHook('post-receive', 'kill -9 $PPID');
    expect((await failure(port.restore(slots, 'run-1'))).code).toBe('TargetUnavailable');
    present().setHook('post-receive', undefined);
    present().write('shop/green.json', '{"mended":true}', 'bob');
    await open().restore(slots, 'run-1');
    expect(green()).toEqual({ mended: true });
  });
});
