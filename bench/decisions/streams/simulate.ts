import { drawBinomial, drawMultinomial, drawPoisson } from './counts';
import { bucketShares, buckets } from './latency';
import { drawSlowNoise, loadShape } from './noise';
import { createRandom, type Random } from './random';
import { durationS, healthyErrors, type Scenario } from './scenario';

/** Increments of one arm, a number a tick; `slow` has `buckets` numbers a tick. */
export type Arm = {
  readonly n: Int32Array;
  readonly err: Int32Array;
  readonly slow: Int32Array;
  readonly cpu: Float64Array;
};

/** One release: what its arms did, tick by tick. */
export type Stream = {
  readonly scenario: Scenario;
  readonly canary: Arm;
  readonly baseline: Arm;
  readonly stable: Arm;
};

/** What moves all arms together. */
type Weather = {
  readonly load: Float64Array;
  readonly errors: Float64Array;
  readonly slower: Float64Array;
  readonly cpu: Float64Array;
  readonly inIncident: (tick: number) => boolean;
};

const daySeconds = 86_400;
/** Failed requests that come back as another failed one, and requests a failure therefore counts as, on average. */
const retried = 0.3;
/** The same six minutes of an hour, in proportion. */
const incident = { from: 1 / 3, to: 13 / 30, errors: 0.1, slower: Math.LN2 };

function drawWeather(random: Random, scenario: Scenario): Weather {
  const { ticks, tickS, noise } = scenario;
  const startS = random.uniform() * daySeconds;
  const load = drawSlowNoise(random, scenario, 0.95, 0.1 * noise);
  const errors = drawSlowNoise(random, scenario, 0.9, 0.3 * noise);
  const slower = drawSlowNoise(random, scenario, 0.9, 0.03 * noise);
  const cpu = drawSlowNoise(random, scenario, 0.95, 0.02 * noise);
  for (let tick = 0; tick < ticks; tick += 1) {
    const day = Math.sin((2 * Math.PI * (tick * tickS + startS)) / daySeconds);
    load[tick] = (1 + 0.5 * day) * Math.exp(load[tick] ?? 0);
    errors[tick] = Math.exp((errors[tick] ?? 0) - 0.045 * noise * noise);
    slower[tick] = 0.08 * day + (slower[tick] ?? 0);
  }
  const wholeS = durationS(scenario);
  const [fromS, toS] = [incident.from * wholeS, incident.to * wholeS];
  const inIncident = (tick: number): boolean =>
    scenario.hasIncident && tick * tickS >= fromS - 1e-9 && tick * tickS < toS - 1e-9;
  return { load, errors, slower, cpu, inIncident };
}

function drawArm(random: Random, scenario: Scenario, name: 'canary' | 'baseline' | 'stable', weather: Weather): Arm {
  const { ticks, tickS, noise } = scenario;
  const isCanary = name === 'canary';
  // A large arm averages over more processes.
  const calm = noise * (name === 'stable' ? 0.35 : 1);
  const errorNoise = drawSlowNoise(random, scenario, 0.8, 0.25 * calm);
  const incidentNoise = scenario.hasIncident ? drawSlowNoise(random, scenario, 0.8, 0.03 * calm) : undefined;
  const slowNoise = drawSlowNoise(random, scenario, 0.9, 0.015 * calm);
  const cpu = drawSlowNoise(random, scenario, 0.9, 0.015 * calm);
  const shape = loadShape(tickS);
  const perTick = scenario.rps * scenario.share[name] * tickS * (isCanary ? scenario.trafficRatio : 1);
  const healthy = healthyErrors * (isCanary ? scenario.errorRatio : 1);
  const [n, err] = [new Int32Array(ticks), new Int32Array(ticks)];
  const slow = new Int32Array(ticks * buckets);
  const shares = new Float64Array(buckets);
  for (let tick = 0; tick < ticks; tick += 1) {
    const atS = tick * tickS;
    const load = weather.load[tick] ?? 0;
    const isBad = isCanary && atS >= scenario.onsetS;
    const isIncident = weather.inIncident(tick);
    const count = drawPoisson(random, (perTick * load * random.gamma(shape)) / shape);
    n[tick] = count;
    const wobble = Math.exp((errorNoise[tick] ?? 0) - 0.031 * calm * calm);
    const failing =
      healthy * (weather.errors[tick] ?? 0) * wobble +
      (isBad ? scenario.canaryErrors - healthyErrors : 0) +
      (isIncident ? incident.errors * Math.exp(incidentNoise?.[tick] ?? 0) : 0);
    const first = drawBinomial(random, count, Math.min(1, failing / (1 + retried)));
    err[tick] = Math.min(count, first + drawBinomial(random, first, retried));
    // Fresh processes are slow until they have warmed up; those that have run for long are a little faster.
    const warmth = name === 'stable' ? -0.01 : Math.log(1 + 0.3 * Math.exp(-atS / 120));
    const slower =
      (weather.slower[tick] ?? 0) +
      (slowNoise[tick] ?? 0) +
      (isIncident ? incident.slower : 0) +
      (isCanary ? scenario.slowerBy : 0) +
      warmth;
    bucketShares(slower, isBad ? scenario.tailFactor : 1, shares);
    drawMultinomial(random, count, shares, slow, tick * buckets);
    const drift = isCanary ? (scenario.cpuPerHour * atS) / 3_600 : 0;
    const used = 0.45 * load ** 0.7 + (weather.cpu[tick] ?? 0) + (cpu[tick] ?? 0) + drift;
    cpu[tick] = Math.min(1, Math.max(0, used));
  }
  return { n, err, slow, cpu };
}

/** The stream of this number under this seed; what came before it does not matter. */
export function simulate(scenario: Scenario, seed: number, number: number): Stream {
  const { name, rps, tickS } = scenario;
  const random = createRandom(`${seed}/${name}/${rps}/${tickS}/${number}`);
  const weather = drawWeather(random, scenario);
  return {
    scenario,
    canary: drawArm(random, scenario, 'canary', weather),
    baseline: drawArm(random, scenario, 'baseline', weather),
    stable: drawArm(random, scenario, 'stable', weather),
  };
}
