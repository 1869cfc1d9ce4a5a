import { configurationAt, gitRepository, type GitRepository } from '../../support/git-repository';

type Configuration = ReturnType<typeof configurationAt>;

describe('configuration in git', () => {
  const slots = { baseline: 'blue', canary: 'green' } as const;
  let repository: GitRepository;
  let configuration: Configuration;
  beforeEach(async () => {
    repository = await gitRepository();
    repository.write('shop/blue.json', '{"pool":5,"mode":"a"}');
    repository.write('shop/green.json', '{"pool":4}');
    configuration = configurationAt(repository);
  });
  afterEach(async () => {
    await configuration.close();
    await repository.remove();
  });
  const count = () => repository.subjects().length;
  const body = (commit = 'main') => repository.git('log', '-1', '--format=%B', commit);
  const trailers = (commit = 'main') => repository.git('log', '-1', '--format=%(trailers:only,unfold)', commit);
  const changed = (commit = 'main') => repository.git('diff-tree', '-r', '--name-only', '--no-commit-id', commit);

  it('makes one commit a change, which says release, target and keys and touches one path', async () => {
    const before = count();
    await configuration.apply(slots, { pool: 9, mode: null }, 'run-1');
    await configuration.apply(slots, { pool: 9, mode: null }, 'run-1');
    expect(count()).toBe(before + 1);
    expect(repository.subjects()[0]).toBe('Set 2 keys of shop-limits for green');
    expect(body()).toMatch(
      /Release "run-1": shop\/green\.json is what shop\/blue\.json holds, with\n- set "pool"\n- remove "mode"\n/,
    );
    expect(trailers().split('\n')).toEqual([
      'Spillway-Release: run-1',
      'Spillway-Effect: configure/shop-limits',
      'Spillway-Path: shop/green.json',
    ]);
    expect(changed()).toBe('shop/green.json');
    expect(repository.git('log', '-1', '--format=%an %ae %cn')).toBe('Spillway spillway@localhost Spillway');
  });

  it('goes back by one more commit, and history stays', async () => {
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    const applied = repository.git('rev-parse', 'main');
    const before = count();
    await configuration.restore(slots, 'run-1');
    await configuration.restore(slots, 'run-1');
    expect(count()).toBe(before + 1);
    expect(repository.git('rev-parse', 'main^')).toBe(applied);
    expect(trailers()).toContain(`Spillway-Restores: ${applied}`);
    expect(changed()).toBe('shop/green.json');
    expect(repository.git('rev-parse', 'main^{tree}')).toBe(repository.git('rev-parse', `${applied}^^{tree}`));
  });

  it.each([
    ['line ends of Windows', Buffer.from('{\r\n "pool": 4\r\n}\r\n')],
    ['no last line end', Buffer.from('{"pool":4}')],
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x80])],
    ['nothing at all', Buffer.alloc(0)],
  ])('restores %s byte for byte, whatever attributes say', async (_, bytes) => {
    repository.write('.gitattributes', '* text=auto eol=crlf ident\n');
    repository.write('shop/green.json', bytes);
    const before = await configuration.digest('green');
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    await configuration.restore(slots, 'run-1');
    expect(repository.bytes('shop/green.json')).toEqual(bytes);
    expect(await configuration.digest('green')).toBe(before);
  });

  it('keeps the mode of a file, and gives a new one the mode of the baseline', async () => {
    repository.write('shop/green.json', '{}', 'ada', '100755');
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    expect(repository.mode('shop/green.json')).toBe('100755');
    await configuration.restore(slots, 'run-1');
    expect(repository.mode('shop/green.json')).toBe('100755');
    repository.write('shop/blue.json', '{}', 'ada', '100755');
    repository.write('shop/green.json', undefined);
    await configuration.apply(slots, { pool: 9 }, 'run-2');
    expect(repository.mode('shop/green.json')).toBe('100755');
  });

  it('removes a document that was not there, and keeps its neighbours', async () => {
    repository.write('shop/green.json', undefined);
    repository.write('shop/green.json.d/other', 'theirs');
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    await configuration.restore(slots, 'run-1');
    expect(repository.bytes('shop/green.json')).toBeUndefined();
    expect(repository.bytes('shop/green.json.d/other')?.toString()).toBe('theirs');
    expect(body()).toContain('is absent again, as it was before');
  });

  it('says whose later changes it overrides, and leaves what they changed elsewhere', async () => {
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    repository.write('shop/green.json', '{"pool":70}', 'bob');
    repository.write('shop/other.json', '{}', 'eve');
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    await configuration.restore(slots, 'run-1');
    expect(repository.bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
    expect(repository.bytes('shop/other.json')?.toString()).toBe('{}');
    expect(body()).toMatch(
      /overrides what others changed there since:\n- [0-9a-f]+ bob: bob changes shop\/green\.json\n\n/,
    );
    expect(body()).not.toContain('eve');
  });

  it('tells releases in a row apart, though one name begins with the other', async () => {
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    await configuration.apply(slots, { pool: 10 }, 'run-11');
    await configuration.restore(slots, 'run-11');
    expect(JSON.parse(repository.bytes('shop/green.json')?.toString() ?? '')).toMatchObject({ pool: 9 });
    await configuration.restore(slots, 'run-1');
    expect(repository.bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
  });

  it('tells two documents of one repository apart', async () => {
    const other = configurationAt(repository, { paths: { blue: 'shop/blue.json', green: 'pay/green.json' } });
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    await other.apply(slots, { pool: 8 }, 'run-1');
    await configuration.restore(slots, 'run-1');
    expect(await other.isApplied(slots, { pool: 8 })).toBe(true);
    await other.restore(slots, 'run-1');
    await other.close();
    expect(repository.bytes('pay/green.json')).toBeUndefined();
  });

  it('lets no key, release or path write a line of the message', async () => {
    const paths = { blue: 'shop/blue.json', green: 'shop/grün 100% {}.json' };
    const odd = configurationAt(repository, { paths });
    const release = 'run 1\n\nSpillway-Release: run-2';
    await odd.apply(slots, { 'a\n\nSpillway-Restores: x': 1 }, release);
    expect(body()).not.toMatch(/^Spillway-(Restores|Release: run-2)/m);
    await odd.restore(slots, 'run-2');
    expect(await odd.isApplied(slots, { 'a\n\nSpillway-Restores: x': 1 })).toBe(true);
    await odd.restore(slots, release);
    expect(await odd.digest('green')).toBe('absent');
    await odd.close();
  });

  it('finds its commits in a history that was merged', async () => {
    const base = repository.git('rev-parse', 'main');
    await configuration.apply(slots, { pool: 9 }, 'run-1');
    const applied = repository.git('rev-parse', 'main');
    const side = repository.git(
      '-c',
      'user.name=bob',
      '-c',
      'user.email=b@b',
      'commit-tree',
      `${base}^{tree}`,
      '-p',
      base,
      '-m',
      'side',
    );
    const merge = repository.git(
      '-c',
      'user.name=bob',
      '-c',
      'user.email=b@b',
      'commit-tree',
      `${applied}^{tree}`,
      '-p',
      side,
      '-p',
      applied,
      '-m',
      'merge',
    );
    repository.git('update-ref', 'refs/heads/main', merge);
    await configuration.restore(slots, 'run-1');
    expect(repository.bytes('shop/green.json')?.toString()).toBe('{"pool":4}');
  });
});
