/** How long the server waits for the worker that has a release in memory before it gives its task to another one. */
export const stickyTimeoutMs = 1_000;

/**
 * How long one query of a release may take. Shorter than `stickyTimeoutMs`, or the server asks any worker and hands it events
 * that no workflow task has brought yet, which puts what follows out of turn (ADR 0017).
 */
export const queryTimeoutMs = 900;
