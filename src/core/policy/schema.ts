import { z } from 'zod';
import { parseDuration } from '../duration';
import { durationText } from '../texts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'write lower-case letters, digits and dashes, at most 63')
  .describe('Lower-case letters, digits and dashes; at most 63.');

const shortestLeaseMs = 1_000;
const longestLeaseMs = 600_000;
const isOutside = (text: string): boolean => {
  const ms = parseDuration(text) ?? 0;
  return ms < shortestLeaseMs || ms > longestLeaseMs;
};

const driftAnswer = (what: string) =>
  z
    .enum(['repair', 'tell'])
    .default('repair')
    .describe(`When somebody else changes ${what} while it is under way: set it again, or only tell the owners.`);

/** What an organisation writes; read by the worker alone. */
export const policySchema = z
  .strictObject({
    apiVersion: z.literal('spillway/v1'),
    kind: z.literal('policy'),
    name,
    roles: z
      .record(name, z.array(z.string().min(1)))
      .default({})
      .describe('Role → the people who hold it.'),
    floors: z
      .strictObject({
        maxFirstCanaryPercent: z.number().gt(0).max(100).default(100).describe('Most the first exposure may be.'),
        minBakeTime: durationText.default('0s').describe('Least bake time of every stage.'),
        minRollbackWindow: durationText.default('0s'),
        maxNoDataHold: durationText.default('7d').describe('Longest that missing data may hold a release.'),
      })
      .prefault({}),
    requiredGates: z
      .array(
        z.strictObject({
          beforeCanaryPercent: z
            .number()
            .gt(0)
            .max(100)
            .describe('The first stage at or above this share needs a gate.'),
          approvals: z.number().int().min(1).max(10).default(1),
          from: z.array(name).min(1).optional(),
        }),
      )
      .max(20)
      .default([])
      .describe('Gates that every release must have.'),
    combinations: z
      .strictObject({
        unexercised: z
          .enum(['show', 'gate', 'refuse'])
          .default('show')
          .describe(
            'When a release brings users two of its flags or configuration keys with values that no promoted release had together: only show it in the plan, wait for an approval before they are set, or refuse the release.',
          ),
        approvals: z.number().int().min(1).max(10).default(1).describe('How many people open the gate.'),
        from: z.array(name).min(1).optional().describe('Roles whose people may open the gate; anyone when left out.'),
      })
      .prefault({}),
    metrics: z
      .strictObject({
        ownQueries: z
          .enum(['allowed', 'refused'])
          .default('allowed')
          .describe('Whether descriptors may write PromQL of their own; ready-made metrics always may be used.'),
      })
      .prefault({}),
    migrations: z
      .strictObject({
        allowances: z
          .enum(['allowed', 'refused'])
          .default('allowed')
          .describe('Whether a comment in a SQL file may allow what a rule refuses, with a reason that `plan` shows.'),
        superuser: z
          .enum(['allowed', 'refused'])
          .default('allowed')
          .describe('`refused`: no release migrates as a superuser of the database.'),
        trial: z
          .enum(['required', 'optional'])
          .default('optional')
          .describe('`required`: no migration runs whose undo could not be tried on a copy of the schema.'),
      })
      .prefault({}),
    lease: z
      .strictObject({
        duration: durationText
          .refine((text) => !isOutside(text), 'write a duration from `1s` to `10m`')
          .default('30s')
          .describe('How long users stay exposed after the last sign of life of the engine; from 1s to 10m.'),
        sentinel: z
          .enum(['required', 'optional'])
          .default('optional')
          .describe('`required`: nothing is exposed at a target without sentinels.'),
      })
      .prefault({}),
    drift: z
      .strictObject({
        flags: driftAnswer('a flag that a release set (but a kill switch, which is only told)'),
        configuration: driftAnswer('the configuration that a release set'),
        routes: z
          .enum(['roll-back', 'tell'])
          .default('roll-back')
          .describe(
            'When a second controller writes the weights or the map of members: once something else changed them three times in a stage while no proxy was restarted, turn the release back, or go on setting them again and tell the owners.',
          ),
        schema: z
          .enum(['tell', 'roll-back'])
          .default('tell')
          .describe(
            'When somebody else changes the schema that a release migrated while it is under way: only tell the owners, or turn the release back as well.',
          ),
      })
      .prefault({}),
    approvals: z
      .strictObject({
        requesterMayApprove: z.boolean().default(true),
      })
      .prefault({}),
  })
  .describe('A Spillway policy.');

export type Policy = z.infer<typeof policySchema>;
