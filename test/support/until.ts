/**
 * Asks every few milliseconds until the answer is true. A question that fails, as one does that nobody answers in time,
 * is asked again; past the deadline it fails with the claim and with what the last question said.
 */
export async function until(claim: string, isTrue: () => boolean | Promise<boolean>, deadlineMs = 30_000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    let fault: unknown;
    try {
      if (await isTrue()) return;
    } catch (error) {
      fault = error;
    }
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${claim}`, { cause: fault });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
