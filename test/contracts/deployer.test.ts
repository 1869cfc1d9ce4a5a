import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createExecDeployer } from '../../src/adapters/deployer/exec';
import { createMemoryDeployer } from '../../src/adapters/deployer/memory';
import type { DeployerPort } from '../../src/ports/deployer';
import { PortError } from '../../src/ports/errors';
import { failure } from '../support/failure';
import { temporaryDirectory } from '../support/temporary-directory';

type World = {
  readonly deployer: DeployerPort;
  /** Makes every deploy be refused. */
  refuseDeploys(): Promise<void>;
  /** The platform says from now on what a slot in use has capacity for. */
  scale(capacity: { readonly capacityPercent?: number; readonly capacityRps?: number }): Promise<void>;
  readonly close: () => Promise<void>;
};

const urls = { blue: 'http://127.0.0.1:4001', green: 'http://127.0.0.1:4002' };

/** Slots as files of one directory: the smallest supervisor that can be deployed to. */
const supervisor = `
const fs = require('node:fs'), path = require('node:path');
const [verb, directory, slot, version, service, release] = process.argv.slice(2);
const file = path.join(directory, slot + '.json');
const found = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
const fail = (text) => { console.error(text); process.exit(3); };
const write = (state) => fs.writeFileSync(file, JSON.stringify({ slot, version, service, release, state }));
if (verb === 'status') {
  const { version, release, state } = found ?? { state: 'absent' };
  const said = path.join(directory, 'capacity');
  const capacity = found && fs.existsSync(said) ? JSON.parse(fs.readFileSync(said, 'utf8')) : {};
  console.log(JSON.stringify({ slot, version, release, state, ready: state === 'running', ...capacity }));
} else if (verb === 'deploy') {
  if (fs.existsSync(path.join(directory, 'refuse'))) fail('no capacity left');
  write('running');
} else if (found) {
  if (found.release !== release) fail('deployed by ' + found.release);
  if (verb === 'drain') write('stopped'); else fs.rmSync(file);
}`;

async function execWorld(): Promise<World> {
  const directory = await temporaryDirectory();
  const script = join(directory.path, 'supervisor.js');
  await writeFile(script, supervisor);
  const command = (verb: string) => [
    process.execPath,
    script,
    verb,
    directory.path,
    '{slot}',
    ...(verb === 'status' ? [] : ['{version}', '{service}', '{release}']),
  ];
  const deployer = createExecDeployer({
    deploy: command('deploy'),
    status: command('status'),
    drain: command('drain'),
    undeploy: command('undeploy'),
    urls,
    commandTimeoutMs: 10_000,
  });
  return {
    deployer,
    refuseDeploys: () => writeFile(join(directory.path, 'refuse'), ''),
    scale: (capacity) => writeFile(join(directory.path, 'capacity'), JSON.stringify(capacity)),
    close: directory.remove,
  };
}

function memoryWorld(): Promise<World> {
  const deployer = createMemoryDeployer({ urls });
  const refuseDeploys = () => {
    deployer.setFailure('deploy', new PortError('Rejected', 'no capacity left'));
    return Promise.resolve();
  };
  const scale: World['scale'] = (capacity) => Promise.resolve(deployer.setCapacity('green', capacity));
  return Promise.resolve({ deployer, refuseDeploys, scale, close: () => Promise.resolve() });
}

describe.each([
  ['exec', execWorld],
  ['memory', memoryWorld],
])('deployer %s', (_, open) => {
  const request = { slot: 'green', version: '2.0.0', service: 'shop', release: 'release/prod/shop/run-1' } as const;
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  it('reads a slot that nothing was deployed to as absent and not ready', async () => {
    expect(await world.deployer.status('green', 'shop')).toEqual({ slot: 'green', state: 'absent', isReady: false });
  });

  it('reads back what was deployed, also after a second deploy of the same release', async () => {
    await world.deployer.deploy(request);
    await world.deployer.deploy(request);
    const { version, release } = request;
    expect(await world.deployer.status('green', 'shop')).toEqual({
      slot: 'green',
      version,
      release,
      state: 'running',
      isReady: true,
    });
    expect((await world.deployer.status('blue', 'shop')).state).toBe('absent');
  });

  it('says what the slot has capacity for, as it is now', async () => {
    await world.deployer.deploy(request);
    await world.scale({ capacityRps: 800 });
    expect(await world.deployer.status('green', 'shop')).toMatchObject({ isReady: true, capacityRps: 800 });
    await world.scale({ capacityPercent: 40, capacityRps: 320.5 });
    expect(await world.deployer.status('green', 'shop')).toMatchObject({ capacityPercent: 40, capacityRps: 320.5 });
  });

  it('is not ready once drained, and drains twice', async () => {
    await world.deployer.deploy(request);
    await world.deployer.drain(request);
    await world.deployer.drain(request);
    const status = await world.deployer.status('green', 'shop');
    expect(['draining', 'stopped']).toContain(status.state);
    expect(status.isReady).toBe(false);
  });

  it('is absent once undeployed, and undeploys twice', async () => {
    await world.deployer.deploy(request);
    await world.deployer.undeploy(request);
    await world.deployer.undeploy(request);
    expect((await world.deployer.status('green', 'shop')).state).toBe('absent');
  });

  it('lets no other release drain or undeploy a slot', async () => {
    await world.deployer.deploy(request);
    const other = { ...request, release: 'release/prod/shop/run-2' };
    expect((await failure(world.deployer.drain(other))).code).toBe('Rejected');
    expect((await failure(world.deployer.undeploy(other))).code).toBe('Rejected');
    expect((await world.deployer.status('green', 'shop')).isReady).toBe(true);
  });

  it('says why a deploy is refused', async () => {
    await world.refuseDeploys();
    const error = await failure(world.deployer.deploy(request));
    expect(error.code).toBe('Rejected');
    expect(error.message).toContain('no capacity left');
    expect((await world.deployer.status('green', 'shop')).state).toBe('absent');
  });

  it('knows where each slot answers', () => {
    expect(world.deployer.slotUrl('blue')).toBe(urls.blue);
    expect(world.deployer.slotUrl('green')).toBe(urls.green);
  });
});
