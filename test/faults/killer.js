'use strict';
// Loaded before a worker (`node --require`): it dies or freezes at the point that the file FAULT_POINTS names. The worker's
// own code knows nothing of it.
const { appendFileSync, readFileSync, renameSync, unlinkSync, writeFileSync } = require('node:fs');
const { Worker } = require('@temporalio/worker');

const pointsFile = process.env.FAULT_POINTS;
const firedFile = process.env.FAULT_FIRED;

let text = '';
let seen = new Map();
/** What the result of an activity looks like in the payload that brings it to the workflow. */
let awaited;

/** The first point of the file, `activity#n:when[:freeze]`; counting begins when it appears. */
function pointNow() {
  let now = '';
  try {
    now = readFileSync(pointsFile, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (now !== text) {
    text = now;
    seen = new Map();
    awaited = undefined;
  }
  const [line = ''] = text.split('\n');
  const [what = '', when = '', how] = line.split(':');
  const [activity, nth = '1'] = what.split('#');
  return { line, activity, nth: Number(nth), when, signal: how === 'freeze' ? 'SIGSTOP' : 'SIGKILL' };
}

function fire({ line, signal }) {
  const rest = text.split('\n').slice(1).join('\n');
  if (rest.trim() === '') unlinkSync(pointsFile);
  else {
    writeFileSync(`${pointsFile}.next`, rest);
    renameSync(`${pointsFile}.next`, pointsFile);
  }
  appendFileSync(firedFile, `${JSON.stringify({ line, signal, pid: process.pid, atMs: Date.now() })}\n`);
  process.kill(process.pid, signal);
}

const interceptor = (context) => ({
  inbound: {
    async execute(input, next) {
      const { activityType } = context.info;
      const point = pointNow();
      const nth = (seen.get(activityType) ?? 0) + 1;
      seen.set(activityType, nth);
      const isHit = point.activity === activityType && point.nth === nth;
      if (isHit && point.when === 'K1') fire(point);
      const result = await next(input);
      if (isHit && point.when === 'K2') fire(point);
      if (isHit && point.when === 'K3') awaited = { point, json: result === undefined ? '' : JSON.stringify(result) };
      return result;
    },
  },
});

/** K3: the result is with the server and comes to the workflow, whose task is not completed yet. */
function lookAt(payload) {
  const data = Buffer.from(payload.data ?? []).toString('utf8');
  if (awaited !== undefined && awaited.json === data) fire(awaited.point);
  const point = pointNow();
  if (point.when === 'message' && data.includes(`"id":"${point.activity}-`)) fire(point);
}

const codec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => {
    payloads.forEach(lookAt);
    return payloads;
  },
};

const create = Worker.create.bind(Worker);
Worker.create = (options) =>
  create({
    ...options,
    dataConverter: { ...options.dataConverter, payloadCodecs: [codec] },
    interceptors: {
      ...options.interceptors,
      activity: [interceptor, ...(options.interceptors?.activity ?? [])],
    },
  });
