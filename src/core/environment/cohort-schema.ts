import { z } from 'zod';
import { durationText } from '../texts';
import { addressSchema } from './address';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'write lower-case letters, digits and dashes, at most 63')
  .describe('Lower-case letters, digits and dashes; at most 63.');
const header = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, 'write the name of a header, letters, digits and dashes');
const cookie = z
  .string()
  .regex(/^[A-Za-z0-9][\w-]{0,99}$/, 'write the name of a cookie, letters, digits, _ and dashes')
  .describe('The cookie in which HAProxy finds the identity.');
/** Becomes a key of HAProxy's map and a part of its commands. */
const value = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.:@-]{0,99}$/,
    'write letters, digits and . _ : @ - only, at most 100, and begin with a letter or digit',
  );

/** Who may get the canary before everybody may: named sets of tenants, regions or what else a header says. */
export const cohortSchema = z
  .strictObject({
    map: z
      .string()
      .max(500)
      .regex(/^\/[\w./-]+$/, 'write an absolute path of letters, digits and . _ / -')
      .describe("The map file, as HAProxy's configuration names it."),
    writeFile: z
      .boolean()
      .default(true)
      .describe(
        'Whether the worker writes the file too, so that a reload keeps the members; false where it is on another machine, and members then go back to the baseline until Spillway sets them again.',
      ),
    attributes: z
      .record(
        name,
        z.strictObject({
          header: header.describe(
            'The header in which HAProxy finds the value; it must come from you, never from users.',
          ),
          values: z.array(value).min(1).max(10_000).describe('Every value there is; who is in no cohort is probed.'),
        }),
      )
      .describe('What is known of a request, such as `tenant` or `region`.'),
    named: z
      .record(name, z.record(name, z.array(value).min(1).max(200)))
      .describe('The cohorts: for one attribute, the values that belong to it.'),
    probe: z
      .strictObject({
        urls: z
          .array(addressSchema('http://127.0.0.1:8080/'))
          .min(1)
          .max(20)
          .describe('Where users go, one address a HAProxy: its own, not that of a load balancer before them.'),
        slotHeader: header
          .default('x-spillway-slot')
          .describe('Header of the answer in which HAProxy names the server that gave it.'),
        timeout: durationText.default('2s').describe('How long one answer may take.'),
        identity: z
          .union([
            z.strictObject({ header: header.describe('The header in which HAProxy finds the identity.') }),
            z.strictObject({ cookie }),
          ])
          .optional()
          .describe(
            'Where HAProxy finds the identity of a user, `{ header: x-user-id }` or `{ cookie: uid }`: the probe then also asks as users whom nobody knows. Required with `assignment: identity`.',
          ),
      })
      .describe('How it is checked that nobody else sees the canary.'),
  })
  .describe('Cohorts: who gets the canary first.');
