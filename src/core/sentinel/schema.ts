import { z } from 'zod';
import { haproxyPlace, secretReference, targetName } from '../environment/schema';

/** What stands beside a proxy: how to reach it, with credentials of its own; read by the sentinel alone. */
export const sentinelSchema = z
  .strictObject({
    apiVersion: z.literal('spillway/v1'),
    kind: z.literal('sentinel'),
    token: secretReference.meta({
      description: 'What workers show to be heard; at least 16 characters.',
      writeOnly: true,
    }),
    stateFile: z.string().min(1).describe('Where leases are kept, so that a restart forgets none; a local disk.'),
    targets: z
      .record(targetName, z.strictObject(haproxyPlace))
      .refine((targets) => Object.keys(targets).length > 0, 'name at least one target')
      .describe('Traffic targets by the name they have in the environment file.'),
  })
  .describe('A Spillway sentinel.');

export type SentinelFile = z.infer<typeof sentinelSchema>;
