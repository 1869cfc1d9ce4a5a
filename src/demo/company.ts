import { connectClient, type SpillwayClient } from '../client';
import { startEmbedded, type Embedded } from '../stack/embedded';
import { startLoad, type Load } from '../stack/load';
import { writeEnvironment } from './write-environment';

/** The embedded stack with a worker, a client and users. */
export type Company = {
  readonly embedded: Embedded;
  readonly client: SpillwayClient;
  readonly load: Load | undefined;
  /** Where users go. */
  readonly trafficUrl: string;
  /** For a shell to read. */
  readonly environmentFile: string;
  /** Takes everything down; may be called more than once. */
  close(): Promise<void>;
};

export type CompanyOptions = {
  /** 0 sends nothing. */
  readonly requestsPerSecond: number;
  readonly signal: AbortSignal;
};

// Users read, and take an order now and then, which keeps migrations and data invariants honest.
const paths = [
  ...Array.from({ length: 19 }, (_, index) => `/orders/${index + 1}`),
  ...Array.from({ length: 19 }, () => '/'),
  { method: 'POST', path: '/orders', body: { customerName: 'Ada Lovelace', totalCents: 4_200 } },
  { method: 'POST', path: '/orders', body: { customerName: 'Grace Hopper', totalCents: 990 } },
];

// Version 3.0.0 has to be seen healthy at 5 % and for some seconds at 25 % before it fails.
const failAfterMs = 8_000;

/** Starts everything; what has been started is taken down again when a later part fails or the signal comes. */
export async function openCompany({ requestsPerSecond, signal }: CompanyOptions): Promise<Company> {
  const embedded = await startEmbedded({
    sentinel: true,
    keepsState: true,
    shopEnvironment: { SHOP_FAIL_AFTER_MS: String(failAfterMs) },
  });
  const opened: (() => Promise<unknown>)[] = [() => embedded.stop()];
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    for (const close of opened.reverse()) await close();
  };
  const close = (): Promise<void> => (closing ??= closeAll());
  try {
    signal.throwIfAborted();
    const trafficUrl = embedded.stack.haproxy[0]?.trafficUrl ?? '';
    const load =
      requestsPerSecond > 0 ? startLoad({ url: trafficUrl, requestsPerSecond, connections: 16, paths }) : undefined;
    if (load !== undefined) opened.push(() => load.stop());
    const client = await connectClient({
      address: embedded.stack.temporal.address,
      namespace: embedded.stack.temporal.namespace,
      uiUrl: embedded.stack.temporal.uiUrl,
      env: embedded.env,
    });
    opened.push(() => client.close());
    return { embedded, client, load, trafficUrl, environmentFile: await writeEnvironment(embedded), close };
  } catch (error) {
    await close();
    throw error;
  }
}
