import { ApplicationFailure } from '@temporalio/common';
import { durationMs } from '../core/duration';
import type { SealedEffect, Slot } from '../core/plan/effects';
import type { Check, Permit } from '../core/plan/plan';
import { PortError } from '../ports/errors';
import type { DeployerPort, SlotStatus } from '../ports/deployer';
import { assertStillWanted } from './fence';
import { keepAlive } from './keep-alive';
import { takeLease } from './lease';
import { openEffect } from './permit';
import type { Ports } from './ports';
import type { TrafficInput, UndoInput } from './traffic';

export type DeployInput = TrafficInput & { readonly service: string };
export type CheckInput = {
  readonly permit: Permit;
  readonly deploy: SealedEffect;
  readonly expose: SealedEffect;
  readonly checks: readonly Check[];
};

const pollMs = 100;
const checkTimeoutMs = 5_000;
const stopTimeoutMs = 60_000;

/** The platform team knows how long its versions take to start, so the environment says it. */
function readyTimeoutMs(ports: Ports, target: string): number {
  const found = ports.environment.targets[target];
  if (found?.kind === 'exec') return durationMs(found.readyTimeout);
  throw new PortError('Rejected', `environment ${ports.environment.name} has no exec target ${target}; put it back.`);
}

const isGone = (status: SlotStatus, release: string): boolean =>
  status.release !== release || status.state === 'absent' || status.state === 'stopped';

async function waitUntil(
  ports: Ports,
  read: () => Promise<SlotStatus>,
  isDone: (status: SlotStatus) => boolean,
  timeoutMs: number,
  what: string,
  signal: AbortSignal,
): Promise<SlotStatus> {
  const deadline = ports.now() + timeoutMs;
  for (;;) {
    const status = await read();
    if (isDone(status)) return status;
    signal.throwIfAborted();
    if (ports.now() > deadline)
      throw new PortError(
        'Rejected',
        `${what} within ${timeoutMs / 1_000} s; it is ${status.state}${status.detail === undefined ? '' : `: ${status.detail}`}.`,
      );
    await ports.sleep(pollMs);
  }
}

async function probe(ports: Ports, base: string, check: Check): Promise<string | undefined> {
  const where = `${check.method} ${check.path}`;
  try {
    const answer = await ports.request(new URL(check.path, base).href, check.method, checkTimeoutMs);
    if (answer.status !== check.status) return `${where}: answered ${answer.status}, expected ${check.status}`;
    if (check.bodyContains !== undefined && !answer.body.includes(check.bodyContains))
      return `${where}: the answer lacks "${check.bodyContains}"`;
    return undefined;
  } catch (error) {
    if (error instanceof PortError) return `${where}: ${error.message}`;
    throw error;
  }
}

type Stopping = {
  readonly deployer: DeployerPort;
  readonly slot: Slot;
  readonly service: string;
  readonly signal: AbortSignal;
  /** The only release whose version may be stopped; whichever runs there when left out. */
  readonly only?: string;
  /** Right before each command: throws when nothing may be stopped any more. */
  readonly ask?: () => Promise<void>;
};

async function stop(ports: Ports, { deployer, slot, service, signal, only, ask }: Stopping): Promise<void> {
  const status = await deployer.status(slot, service);
  // A worker that died after the drain left a slot that is stopped and still deployed.
  if (status.release === undefined || status.state === 'absent') return;
  if (only !== undefined && status.release !== only) return;
  const request = { slot, service, version: status.version ?? 'unknown', release: status.release };
  for (const verb of ['drain', 'undeploy'] as const) {
    await ask?.();
    await deployer[verb](request);
  }
  const { release } = request;
  await waitUntil(
    ports,
    () => deployer.status(slot, service),
    (now) => isGone(now, release),
    stopTimeoutMs,
    `${slot} did not stop`,
    signal,
  );
}

/** Starts and stops versions in slots, by the environment's commands. */
export const createDeployActivities = (ports: Ports) => ({
  /** Deploys the canary into the free slot and waits until it says it is ready. */
  deployCanary: ({ permit, sealed, service }: DeployInput): Promise<string> =>
    keepAlive(async (signal) => {
      const effect = openEffect(ports, permit, sealed, 'deploy');
      const deployer = ports.deployer(effect.target);
      const slot = permit.roles.canary;
      const release = permit.seal.firstRunId;
      const found = await deployer.status(slot, service);
      const isOurs = found.release === release && found.version === effect.version;
      if (!isOurs || found.state === 'absent' || found.state === 'stopped') {
        await assertStillWanted(ports, permit);
        await deployer.deploy({ slot, version: effect.version, service, release });
      }
      const status = await waitUntil(
        ports,
        () => deployer.status(slot, service),
        (now) => now.state === 'failed' || (now.state === 'running' && now.isReady && now.release === release),
        readyTimeoutMs(ports, effect.target),
        `${effect.target}: ${service} ${effect.version} did not get ready in slot ${slot}`,
        signal,
      );
      if (status.state === 'failed')
        throw new PortError(
          'Rejected',
          `${effect.target}: ${service} ${effect.version} failed in slot ${slot}: ${status.detail ?? 'no detail given'}. Look at its log, mend it and start again.`,
        );
      return `${effect.version} runs in ${slot}`;
    }),

  /** The 0 % stage: asks the canary directly, and only when all answers are right makes its slot ready, at weight 0. */
  checkCanary: ({ permit, deploy, expose, checks }: CheckInput): Promise<string> =>
    keepAlive(async () => {
      const { target } = openEffect(ports, permit, deploy, 'deploy');
      const exposure = openEffect(ports, permit, expose, 'expose');
      const base = ports.deployer(target).slotUrl(permit.roles.canary);
      const wrong = (await Promise.all(checks.map((check) => probe(ports, base, check)))).filter(
        (found) => found !== undefined,
      );
      if (wrong.length > 0)
        throw ApplicationFailure.nonRetryable(
          `The canary fails ${wrong.length} of ${checks.length} checks before any user saw it: ${wrong.join('; ')}`,
          'CheckFailed',
        );
      await takeLease(ports, permit, exposure, { phase: 'dark', ceilingPercent: 0 });
      await assertStillWanted(ports, permit);
      const { baseline } = permit.roles;
      const on = { weight: 100, state: 'ready' } as const;
      const dark = { weight: 0, state: 'ready' } as const;
      await ports
        .traffic(exposure.target)
        .writeSplit(baseline === 'blue' ? { blue: on, green: dark } : { blue: dark, green: on });
      return `${checks.length} of ${checks.length} checks right`;
    }),

  /** Undo of a deployment: drains and stops what this release runs; a slot that runs something else is left alone. */
  stopCanary: ({ permit, sealed, onlyVerify, service }: UndoInput & { readonly service: string }): Promise<string> =>
    keepAlive(async (signal) => {
      const effect = openEffect(ports, permit, sealed, 'deploy');
      const deployer = ports.deployer(effect.target);
      const slot = permit.roles.canary;
      const release = permit.seal.firstRunId;
      if (!onlyVerify) await stop(ports, { deployer, slot, service, signal, only: release });
      const found = await deployer.status(slot, service);
      if (!isGone(found, release))
        throw new PortError(
          'NotConverged',
          `${effect.target}: ${service} ${effect.version} still ${found.state} in slot ${slot}; it is tried again.`,
        );
      return `nothing of this release runs in ${slot}`;
    }),

  /** After promotion: the old version gives its capacity back. */
  retireBaseline: ({ permit, sealed, service }: TrafficInput & { readonly service: string }): Promise<string> =>
    keepAlive(async (signal) => {
      const effect = openEffect(ports, permit, sealed, 'deploy');
      const slot = permit.roles.baseline;
      // Whatever runs there now may belong to a later release by the time a worker that stood still goes on.
      const ask = (): Promise<void> => assertStillWanted(ports, permit, ['Releasing', 'Promoted']);
      await stop(ports, { deployer: ports.deployer(effect.target), slot, service, signal, ask });
      return `the old version in ${slot} is stopped`;
    }),
});
