import { releaseWorkflowId } from '../../src/core/release/messages';
import { nowMs } from '../../src/stack/load-sender';
import type { ScaleStack } from './scale-stack';

/** Forced, inherited and unresolved maintenance, as HAProxy's own numbers say it. */
const maintenanceBits = 0x01 | 0x02 | 0x20;

/** The weight of each service's second slot, by HAProxy itself; 0 in maintenance. */
function readGreen(answer: string): ReadonlyMap<string, number> {
  const rows = answer.split('\n').map((line) => line.split(' '));
  return new Map(
    rows.flatMap(([, backend = '', , server, , , admin, weight]) =>
      server === 'green' ? [[backend, (Number(admin) & maintenanceBits) === 0 ? Number(weight) : 0] as const] : [],
    ),
  );
}

/** Services that send somebody to their second slot. */
export async function readExposed({ ask }: ScaleStack): Promise<ReadonlySet<string>> {
  const green = readGreen(await ask('show servers state'));
  return new Set([...green].flatMap(([service, weight]) => (weight > 0 ? [service] : [])));
}

/** Waits until all of them send somebody to their second slot; what holds some of them up is part of the failure. */
export async function waitUntilExposed(
  scale: ScaleStack,
  services: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const exposed = await readExposed(scale);
    const missing = services.filter((service) => !exposed.has(service));
    if (missing.length === 0) return;
    if (Date.now() > deadline) {
      const said = missing.slice(0, 3).map((service) => explain(scale, service));
      throw new Error(
        `${missing.length} of ${services.length} are not exposed: ${(await Promise.all(said)).join(' ')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

const explain = ({ client }: ScaleStack, service: string): Promise<string> =>
  client.explain(releaseWorkflowId('scale', service)).then(({ sentence }) => sentence, String);

/** When HAProxy showed weight 0 for each service, asked every few milliseconds until it does for all. */
export async function waitForZero(
  { ask }: ScaleStack,
  services: readonly string[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, number>> {
  const zeroAtMs = new Map<string, number>();
  const deadline = nowMs() + timeoutMs;
  while (zeroAtMs.size < services.length && nowMs() < deadline) {
    const left = services.filter((service) => !zeroAtMs.has(service));
    const green = readGreen(await ask(left.map((service) => `show servers state ${service}`).join(';')));
    const atMs = nowMs();
    for (const service of left) if (green.get(service) === 0) zeroAtMs.set(service, atMs);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return zeroAtMs;
}
