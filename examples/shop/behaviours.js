'use strict';

/**
 * How bad versions of the shop misbehave, all in one place. A version that is not listed is a good one.
 *
 * @typedef {object} Behaviour
 * @property {number} failShare share of user requests answered with 500, 0 to 1
 * @property {number} failAfterMs failing starts this long after the first user request
 * @property {number} slowMs extra time of a slow answer
 * @property {number} slowShare share of user requests that are slow, 0 to 1
 * @property {boolean} hang user requests are never answered
 * @property {boolean} exitsAtStart the process ends before it listens
 * @property {boolean} neverHealthy /healthz always answers 503
 *
 * @typedef {{ fails: boolean, delayMs: number, hangs: boolean }} Treatment
 */

/** @type {Readonly<Behaviour>} */
const good = Object.freeze({
  failShare: 0,
  failAfterMs: 0,
  slowMs: 0,
  slowShare: 0,
  hang: false,
  exitsAtStart: false,
  neverHealthy: false,
});

/** @type {Readonly<Record<string, (environment: NodeJS.ProcessEnv) => Partial<Behaviour>>>} */
const badVersions = Object.freeze({
  '3.0.0': (environment) => ({
    failShare: Number(environment.SHOP_FAIL_SHARE ?? 0.5),
    failAfterMs: Number(environment.SHOP_FAIL_AFTER_MS ?? 6000),
  }),
  '4.0.0': () => ({ slowShare: 0.05, slowMs: 400 }),
  '5.0.0': () => ({ exitsAtStart: true }),
  '6.0.0': () => ({ neverHealthy: true }),
});

/** @returns {number} epoch milliseconds with a fraction, so that times of two processes compare below a millisecond */
const now = () => performance.timeOrigin + performance.now();

/**
 * A small seeded generator (mulberry32), so that the same seed fails the same requests.
 * @param {number} seed
 * @returns {() => number} numbers from 0 up to but without 1
 */
function createGenerator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const isShare = (value) => typeof value === 'number' && value >= 0 && value <= 1;
const isMs = (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value);

/** What POST /admin/behaviour accepts. */
const accepts = {
  failShare: isShare,
  failAfterMs: isMs,
  slowMs: isMs,
  slowShare: isShare,
  hang: (value) => typeof value === 'boolean',
  neverHealthy: (value) => typeof value === 'boolean',
  burst: (value) => typeof value === 'object' && value !== null && isShare(value.share) && isMs(value.ms),
};

/**
 * The behaviour of one running shop: decides each user request and remembers what it did.
 * @param {{ version: string, environment: NodeJS.ProcessEnv }} shop
 */
function createBehaviour({ version, environment }) {
  const random = createGenerator(Number(environment.SHOP_SEED ?? 1));
  let behaviour = { ...good, ...badVersions[version]?.(environment) };
  let burst = { share: 0, untilMs: 0 };
  let seen = emptyRecord();

  /** @returns {Treatment} what happens to the user request that has just arrived */
  function treat() {
    const at = now();
    seen.requests += 1;
    seen.lastRequestStartedAt = at;
    seen.firstRequestAt ??= at;
    // Always two draws, so that changing one share leaves the other decisions as they were.
    const failDraw = random();
    const slowDraw = random();
    const failing = at - seen.firstRequestAt >= behaviour.failAfterMs ? behaviour.failShare : 0;
    const bursting = at < burst.untilMs ? burst.share : 0;
    return {
      fails: failDraw < Math.max(failing, bursting),
      delayMs: slowDraw < behaviour.slowShare ? behaviour.slowMs : 0,
      hangs: behaviour.hang,
    };
  }

  /** Notes that a failed answer is being sent. */
  function noteFailure() {
    seen.failures += 1;
    seen.firstFailureAt ??= now();
  }

  /**
   * Changes the given parts, restarts the clock of `failAfterMs` and forgets what was seen.
   * @returns {string | undefined} why the change is refused
   */
  function change(wanted) {
    if (typeof wanted !== 'object' || wanted === null) return 'the body must be a JSON object';
    const wrong = Object.keys(wanted).find((key) => !Object.hasOwn(accepts, key) || !accepts[key](wanted[key]));
    if (wrong !== undefined) return `${wrong} is unknown or out of range; known: ${Object.keys(accepts).join(', ')}`;
    const { burst: newBurst, ...rest } = wanted;
    behaviour = { ...behaviour, ...rest };
    if (newBurst !== undefined) burst = { share: newBurst.share, untilMs: now() + newBurst.ms };
    seen = emptyRecord();
    return undefined;
  }

  const report = () => ({ ...seen, ...behaviour });
  return { treat, noteFailure, change, report };
}

/** Times are epoch milliseconds with a fraction, or null while it has not happened. */
function emptyRecord() {
  return {
    changedAt: now(),
    requests: 0,
    failures: 0,
    firstRequestAt: null,
    lastRequestStartedAt: null,
    firstFailureAt: null,
  };
}

module.exports = { createBehaviour };
