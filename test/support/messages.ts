import { randomUUID } from 'node:crypto';

type Said = { readonly id: string; readonly by: string; readonly why: string };

/** A person's message with an id of its own. */
export function said<M extends object = object>(by: string, more?: M): Said & M {
  return { id: randomUUID(), by, why: 'a good reason', ...(more ?? ({} as M)) };
}
