/** Whether an HTTP GET of `url` is answered with a 2xx within a second. */
export async function isAnswering(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Any refusal means "not yet": the caller asks again until its deadline and then shows the log.
    return false;
  }
}
