import { setTimeout as sleep } from 'node:timers/promises';
import { releaseWorkflowId } from '../../src/core/release/messages';
import { bundleOf, forEachOf, type Part } from './releases';
import type { ScaleStack } from './scale-stack';
import { waitForZero, waitUntilExposed } from './weights';

/** Canaries that break at the same moment. */
export const atOnce = 10;
/** Requests a second to a service with users exposed, and to one whose canary is about to break. */
export const [usualRate, breachRate] = [4, 40];
/** A server that is busy with starts alone answers nobody in time, and no release goes forward then. */
const growingAtOnce = 4;

const part: Part = {
  stages: [{ canaryPercent: 25, bakeTime: '1s', minRequests: 1 }],
  fullExposure: { gate: 'everybody', rollbackWindow: '0s', minRequests: 1, holdbackPercent: 10 },
  gates: { everybody: {} },
};

/** Services for so many exposed releases and for all that break among them, none of which is used twice. */
export const namesFor = (exposed: number, rounds: number): readonly string[] =>
  Array.from({ length: exposed + rounds * atOnce }, (_, index) => `s${index}`);

/** The releases of one run: which services are open, and which have broken. */
export function createFleet(scale: ScaleStack, services: readonly string[]) {
  /** The first run of the release of each service that has one. */
  const open = new Map<string, string>();
  const fresh = [...services];
  const rolledBack: string[] = [];
  const wrong: string[] = [];
  const idOf = (service: string): string => releaseWorkflowId('scale', service);
  const rates = (breaching: readonly string[] = []) =>
    Object.fromEntries([...open.keys()].map((one) => [one, breaching.includes(one) ? breachRate : usualRate]));

  async function endAs(service: string, wanted: string): Promise<void> {
    const { ending, sentence, proof } = await scale.client.result(idOf(service), { timeoutMs: 180_000 });
    open.delete(service);
    const isRight = ending === wanted && (wanted !== 'RolledBack' || proof?.isRestored === true);
    if (isRight && wanted === 'RolledBack') rolledBack.push(service);
    if (!isRight) wrong.push(`${service}: ${sentence}`);
  }
  return {
    open,
    wrong,
    rolledBack,
    async growTo(count: number): Promise<void> {
      const added = fresh.splice(0, count - open.size);
      await forEachOf(added, growingAtOnce, async (service) => {
        const { firstRunId } = await scale.client.start({
          bundle: bundleOf(service, 'scale', part),
          environment: 'scale',
          service,
          requestedBy: 'benchmark',
        });
        open.set(service, firstRunId);
        // As fast as they are taken: a hundred begun at once would measure the beginning and not the watching.
        await waitUntilExposed(scale, [service], 180_000);
      });
      await scale.tell({ rates: rates() });
      await waitUntilExposed(scale, [...open.keys()], 180_000);
    },
    /** Ten canaries break at the same moment; from the first bad answer of each to its weight 0. */
    async breakSome(): Promise<readonly number[]> {
      const breaking = [...open.keys()].slice(0, atOnce);
      await scale.tell({ rates: rates(breaking) });
      await sleep(3_000);
      await scale.tell({ failing: breaking.map((service) => `green/${service}`) });
      const zero = await waitForZero(scale, breaking, 60_000);
      const { firstFailures } = await scale.tell({});
      await Promise.all(breaking.map((service) => endAs(service, 'RolledBack')));
      await scale.tell({ failing: [], rates: rates() });
      return breaking.map((service) => (zero.get(service) ?? Infinity) - (firstFailures[`green/${service}`] ?? 0));
    },
    async promoteAll(): Promise<number> {
      const left = [...open.keys()];
      await forEachOf(left, 16, async (service) => {
        const message = { gate: 'everybody', by: 'benchmark', why: 'measuring' };
        // One that turned back by itself takes no approval, and its ending says so.
        await scale.client.approve(idOf(service), message).catch(() => undefined);
        await endAs(service, 'Promoted');
      });
      return left.length;
    },
  };
}
