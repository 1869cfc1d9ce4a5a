import { composePorts, type ComposedPorts } from '../compose-ports';
import type { Environment, Target, TargetOf } from '../core/environment/schema';
import { whatCrashDoes } from '../core/environment/state-files';
import { parsePolicy } from '../core/policy/parse';
import { longestLookAgeMs, type GuardStatus } from '../core/sentinel/messages';
import type { Policy } from '../core/policy/schema';
import { PortError } from '../ports/errors';
import { check, good, type Check } from './doctor-check';

type Env = { readonly [name: string]: string | undefined };

// No effect is made here, so no policy is asked for its opinion.
function anyPolicy(): Policy {
  const parsed = parsePolicy('apiVersion: spillway/v1\nkind: policy\nname: doctor\n', 'doctor');
  if (!parsed.ok) throw new Error('the smallest policy is refused');
  return parsed.value;
}

const notHere = (): Promise<never> => Promise.reject(new Error('the doctor does not speak to releases'));

const leastKeyBytes = 32;

function checkKey({ sealKey }: ComposedPorts): Check {
  return sealKey.byteLength >= leastKeyBytes
    ? good('seal key', 'present')
    : {
        name: 'seal key',
        isGood: false,
        detail: `it has ${sealKey.byteLength} bytes, and at least ${leastKeyBytes} are needed: openssl rand -hex 32.`,
      };
}

function sentinelCheck(name: string, found: GuardStatus | undefined): Check {
  const bad = (detail: string): Check => ({ name, isGood: false, detail });
  if (found === undefined) return bad("it does not guard this target: name it in the sentinel's file.");
  if (found.unreachable.length > 0) return bad(found.unreachable.join(' '));
  const { lastLookAgeMs: age, lease, alarm } = found;
  if (age === null || age > longestLookAgeMs) return bad('it has not looked at its proxies for a while; see its log.');
  if (alarm !== undefined) return bad(alarm);
  const held = lease === undefined ? 'no lease' : `lease of ${lease.release} ${lease.state}`;
  return good(name, `looked ${age} ms ago, ${held}`);
}

async function checkSentinels(ports: ComposedPorts, target: string): Promise<readonly Check[]> {
  const found = ports.sentinels(target).map((sentinel) => {
    const name = `${sentinel.name} for ${target}`;
    return check(name, async () => [sentinelCheck(name, (await sentinel.status()).targets[target])]);
  });
  return (await Promise.all(found)).flat();
}

const stateFileCheck = (name: string, stateFiles: TargetOf<'haproxy'>['stateFiles']): Check =>
  good(
    `state files of ${name}`,
    stateFiles === 'none' ? `none: ${whatCrashDoes}` : `${stateFiles.join(', ')}: a crash keeps the split`,
  );

async function checkTraffic(
  ports: ComposedPorts,
  name: string,
  { stateFiles }: TargetOf<'haproxy'>,
): Promise<readonly Check[]> {
  const { blue, green } = await ports.traffic(name).readSplit();
  return [
    good(`proxy ${name}`, `blue ${blue.weight} % ${blue.state}, green ${green.weight} % ${green.state}`),
    stateFileCheck(name, stateFiles),
    ...(await checkSentinels(ports, name)),
  ];
}

async function checkDatabase(ports: ComposedPorts, name: string): Promise<readonly Check[]> {
  const database = ports.database(name);
  try {
    const objects = Object.keys(await database.snapshot()).length;
    return [good(`database ${name}`, `${objects} objects read`)];
  } finally {
    await database.close();
  }
}

async function checkMetrics(ports: ComposedPorts, name: string): Promise<readonly Check[]> {
  const found = await ports.metrics(name).value('vector(1)');
  if (found.kind === 'number') return [good(`metrics ${name}`, 'answers')];
  throw new PortError('TargetUnavailable', `${found.reason}: ${found.detail}`);
}

async function checkLogins(
  ports: ComposedPorts,
  name: string,
  logins: TargetOf<'postgres-login'>['logins'],
): Promise<readonly Check[]> {
  const port = ports.credentials(name);
  const found = await Promise.all(
    logins.map(async ({ role }) => ({ role, state: await port.state(role), use: await port.use(role) })),
  );
  const blind = found.find(({ use }) => use.blind !== undefined)?.use.blind;
  const states = found.map(({ role, state }) => `${role} ${state}`).join(', ');
  return [good(`credential ${name}`, blind === undefined ? states : `${states}; contract will wait: ${blind}`)];
}

async function checkTarget(ports: ComposedPorts, name: string, target: Target): Promise<readonly Check[]> {
  switch (target.kind) {
    case 'haproxy':
      return checkTraffic(ports, name, target);
    case 'postgres':
      return checkDatabase(ports, name);
    case 'prometheus':
      return checkMetrics(ports, name);
    case 'configuration-file':
    case 'configuration-git':
      await ports.configuration(name).digest('blue');
      await ports.configuration(name).digest('green');
      return [good(`configuration ${name}`, 'both slots read')];
    case 'flag-file':
    case 'flagd-file':
    case 'unleash':
      await ports.flags(name).read('spillway-doctor');
      return [good(`flags ${name}`, 'read')];
    case 'postgres-login':
      return checkLogins(ports, name, target.logins);
    // Deploy commands are tried with the services that use them; a webhook cannot be tried without sending.
    case 'exec':
    case 'webhook':
      return [];
  }
}

async function checkService(ports: ComposedPorts, service: string, deployer: string): Promise<readonly Check[]> {
  const slots = await Promise.all(
    (['blue', 'green'] as const).map((slot) => ports.deployer(deployer).status(slot, service)),
  );
  const text = slots.map(({ slot, state, version }) => `${slot} ${state}${version === undefined ? '' : ` ${version}`}`);
  return [good(`deployer of ${service}`, text.join(', '))];
}

/** Every target of an environment, read and not changed, with the secrets it names. */
export async function checkTargets(environment: Environment, env: Env): Promise<readonly Check[]> {
  return check('secrets', async () => {
    const runs = {
      describe: notHere,
      list: notHere,
      next: notHere,
      hasBegun: notHere,
      report: notHere,
      state: notHere,
      terminate: notHere,
    };
    const temporal = {
      signalRelease: notHere,
      lastHeartbeat: notHere,
      describeRun: notHere,
      resetStickyQueue: notHere,
      runs,
    };
    const ports = await composePorts({ environment, policy: anyPolicy(), env, temporal });
    try {
      const found = await Promise.all([
        check('store', async () => {
          await ports.store.ping();
          return [good('store', 'answers')];
        }),
        ...Object.entries(environment.targets).map(([name, target]) =>
          check(`target ${name}`, () => checkTarget(ports, name, target)),
        ),
        ...Object.entries(environment.services).map(([service, { deployer }]) =>
          check(`deployer of ${service}`, () => checkService(ports, service, deployer)),
        ),
      ]);
      return [good('secrets', 'every reference has a value'), checkKey(ports), ...found.flat()];
    } finally {
      await ports.close();
    }
  });
}
