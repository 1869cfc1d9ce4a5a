/** Asks every few milliseconds until the answer is true; fails naming the claim when the deadline passes. */
export async function until(claim: string, isTrue: () => boolean | Promise<boolean>, deadlineMs = 10_000) {
  const end = Date.now() + deadlineMs;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${claim}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
