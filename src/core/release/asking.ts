/** How long the server waits for the worker that has a release in memory before it gives its task to another one. */
export const takeoverMs = 1_000;

/**
 * How long one question to a release may take. Shorter than `takeoverMs`, or the server asks any worker and hands it events
 * that no workflow task has brought yet, which puts what follows out of turn (ADR 0017).
 */
export const oneQuestionMs = 900;
