import { PortError } from '../ports/errors';

/** What somebody said, or why nobody can tell. */
export type Asked<T> = { readonly answer: T } | { readonly fault: string };

type Question = { readonly what: string; readonly patienceMs: number };

/** Asks what is good to know, and goes on without it when it cannot be had within `patienceMs`. */
export async function askWithin<T>({ what, patienceMs }: Question, ask: () => Promise<T>): Promise<Asked<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Asked<T>>((resolve) => {
    timer = setTimeout(() => resolve({ fault: `${what} did not answer within ${patienceMs / 1_000} s` }), patienceMs);
  });
  try {
    return await Promise.race([late, ask().then((answer) => ({ answer }))]);
  } catch (error) {
    if (error instanceof PortError) return { fault: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
