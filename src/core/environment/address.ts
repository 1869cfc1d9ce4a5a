import { z } from 'zod';

/** A whole address of a server; a user and a password in it would reach digests and errors, and no request takes them. */
export const addressSchema = (example: string) =>
  z
    .url({ protocol: /^https?$/, error: `write a whole address such as ${example}` })
    .refine((text) => !/^[^/]*\/\/[^/?#]*@/.test(text), {
      error: 'write the address without a user and a password; a token is a reference of its own',
    });
