import { PortError } from '../ports/errors';

const mostBytes = 1_000_000;

/** One request to a slot, past the proxy; redirects are answers, and a body is read up to a limit. */
export async function requestSlot(
  url: string,
  method: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { 'x-spillway-check': '1' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { status: answer.status, body: new TextDecoder().decode(bytes.subarray(0, mostBytes)) };
  } catch (error) {
    const why =
      error instanceof DOMException && error.name === 'TimeoutError'
        ? `no answer within ${timeoutMs} ms`
        : 'no connection';
    throw new PortError('TargetUnavailable', `${new URL(url).host}: ${why}`, { cause: error });
  }
}
