import { z } from 'zod';

/** Where a git repository is; with credentials only by a secret reference. */
export const gitRepository = z
  .string()
  .regex(
    /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:(?!\/\/)[^\p{Cc}]+|(?:https?|git|file):\/\/[^\s@?]+|ssh:\/\/(?:[^\s@:/]+@)?[^\s@]+|(?!-|env:|file:)(?!.*:\/\/)(?!.*::)[^\p{Cc}]+)$/u,
    'write a URL or a path without credentials, or where the worker finds it: `env:NAME` or `file:PATH`',
  )
  .meta({
    description:
      'URL (https, http, ssh, git, file), `user@host:path` or path of the repository. With credentials in it: `env:NAME` or `file:PATH`, where the worker finds the URL.',
    // Errors do not quote what stands here: somebody may have written a token.
    writeOnly: true,
  });

export const gitBranch = z
  .string()
  .regex(
    /^(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)))[A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_-])?$/,
    'write the name of a branch such as `main`, without refs/heads/',
  );

export const gitPath = z
  .string()
  .max(1000)
  .regex(
    /^(?:(?!\.{1,2}(?:\/|$)|\.[gG][iI][tT](?:\/|$))[^/\p{Cc}\p{Cs}]+(?:\/(?!$)|$))+$/u,
    'write a path from the top of the repository such as `shop/blue.json`',
  );

export const gitAuthor = z
  .strictObject({
    name: z.string().regex(/^[^\p{Cc}<>]*[\p{L}\p{N}][^\p{Cc}<>]*$/u, 'write a name without < and >'),
    email: z.string().regex(/^[^\s<>]+@[^\s<>]+$/, 'write an address such as releases@example.com'),
  })
  .describe('Who the commits are by.');
