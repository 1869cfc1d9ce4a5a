'use strict';
// Loaded before a worker (`node --require`): it dies or freezes at the point that the file FAULT_POINTS names. The worker's
// own code knows nothing of it.
const { appendFileSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } = require('node:fs');
const { Worker } = require('@temporalio/worker');

const pointsFile = process.env.FAULT_POINTS;
const firedFile = process.env.FAULT_FIRED;

let text = '';
/** Which activities began since the points were written, in all workers: `#2` is the second of the release, whoever runs it. */
let begunFile = '';
let begunHere = 0;
/** What the result of an activity looks like in the payload that brings it to the workflow. */
let awaited;

/** What happens at a point; database and part are killed by whoever reads the list of points that were met. */
const ways = { freeze: 'SIGSTOP', database: 'database', part: 'part' };

/** The first point of the file, `activity#n:when[:freeze|:database|:part]`; counting begins when it appears. */
function pointNow() {
  let now = '';
  try {
    now = readFileSync(pointsFile, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (now !== text) {
    text = now;
    begunFile = now === '' ? '' : `${pointsFile}.begun-${statSync(pointsFile).mtimeMs}`;
    awaited = undefined;
  }
  const [line = ''] = text.split('\n');
  const [what = '', when = '', how] = line.split(':');
  const [activity, nth = '1'] = what.split('#');
  return { line, activity, nth: Number(nth), when, signal: ways[how] ?? 'SIGKILL' };
}

/** Which beginning of this activity this one is, from 1; appending is atomic, so two workers never have the same place. */
function countBegun(activityType) {
  if (begunFile === '') return 0;
  const mark = `${activityType} ${process.pid}-${(begunHere += 1)}`;
  appendFileSync(begunFile, `${mark}\n`);
  const begun = readFileSync(begunFile, 'utf8').split('\n');
  return begun.filter((line) => line.startsWith(`${activityType} `)).indexOf(mark) + 1;
}

function fire({ line, signal }) {
  const rest = text.split('\n').slice(1).join('\n');
  if (rest.trim() === '') unlinkSync(pointsFile);
  else {
    writeFileSync(`${pointsFile}.next`, rest);
    renameSync(`${pointsFile}.next`, pointsFile);
  }
  appendFileSync(firedFile, `${JSON.stringify({ line, signal, pid: process.pid, atMs: Date.now() })}\n`);
  if (signal.startsWith('SIG')) process.kill(process.pid, signal);
}

const interceptor = (context) => ({
  inbound: {
    async execute(input, next) {
      const { activityType } = context.info;
      const point = pointNow();
      const nth = countBegun(activityType);
      const isHit = point.activity === activityType && point.nth === nth;
      if (isHit && point.when === 'K1') fire(point);
      // `+120`: so many milliseconds after it began, whatever it does then.
      if (isHit && point.when.startsWith('+')) setTimeout(() => fire(point), Number(point.when));
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
