import { z } from 'zod';
import { durationText } from '../texts';
import { bundleFile, sentence } from './base-texts';
import { metricSchema } from './metric-schema';
import { migrationSchema } from './migration-schema';
import { name } from './name';
import { notSecretSchema } from './not-secret-schema';

const percent = z.number().gt(0).lt(100);

const maxUserMinutes = z
  .number()
  .positive()
  .optional()
  .describe('Users times minutes that the stage may put at risk; `budget.users` says how many users there are.');

const stage = z.strictObject({
  canaryPercent: percent.describe("The canary's share of requests, above 0 and below 100."),
  bakeTime: durationText.default('10m').describe('The least time the stage observes.'),
  minRequests: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'How many requests of each version are enough to advance; left out, every limit has to be proved, with `risk`.',
    ),
  gate: name.optional().describe('Gate that must open before this stage starts.'),
  maxUserMinutes,
});

const cohortStep = z.strictObject({
  cohort: name.describe('The cohort, as the traffic target of the environment names it.'),
  canaryPercent: z
    .number()
    .min(0.4)
    .max(100)
    .default(100)
    .describe("The canary's share among the users of the cohort, by their identity."),
  bakeTime: durationText.default('10m').describe('The least time the stage observes.'),
  minRequests: z.number().int().min(0).optional().describe('As in `stages`.'),
  gate: name.optional().describe('Gate that must open before this stage starts.'),
});

const gate = z.strictObject({
  approvals: z.number().int().min(1).max(10).default(1).describe('How many different people must approve.'),
  from: z
    .array(name)
    .min(1)
    .optional()
    .describe('Roles of the policy whose members may approve; anyone when left out.'),
  timeout: durationText.default('4h').describe('How long the gate waits.'),
  remindEvery: durationText.default('30m').describe('How often the waiting is told again.'),
  onTimeout: z.enum(['roll-back', 'hold']).default('roll-back').describe('The safe default when nobody decides.'),
});

const contractGate = gate.extend({
  timeout: durationText.default('14d').describe('How long the gate waits.'),
  remindEvery: durationText.default('1d').describe('How often the waiting is told again.'),
  onTimeout: z
    .enum(['roll-back', 'hold'])
    .default('roll-back')
    .describe(
      'When nobody decides in time: both forms stay and contract does not run, or with `hold` the gate goes on waiting.',
    ),
});

const contractRule = z.strictObject({
  quiet: durationText
    .default('7d')
    .describe('How long nobody may have read or written the old form; 0s looks at what depends on it alone.'),
  checkEvery: durationText.default('1h').describe('How often it is asked who still reads or writes the old form.'),
  renamed: durationText
    .default('1d')
    .describe('How long the old form stays under another name, from where one command brings it back.'),
  keep: durationText.default('90d').describe('How long the checked copy of what was removed is kept.'),
});

const rollbackMode = z.enum(['emergency', 'drain']);

const rollback = z.strictObject({
  onBreach: rollbackMode
    .default('emergency')
    .describe('How traffic goes back when evidence or an effect turns the release back.'),
  onAbort: rollbackMode
    .default('emergency')
    .describe('How it goes back when a person, a gate or a pause does; `spillway abort --drain` asks for it once.'),
  drain: z
    .strictObject({
      every: durationText.default('10s').describe('Time between two steps down, each to half the share.'),
      sessions: durationText.default('30s').describe('How long sessions may still reach the canary at 0 %.'),
      baselineWait: durationText
        .default('2m')
        .describe('How long a step waits for the baseline to be ready for its share before somebody is called.'),
    })
    .prefault({}),
  backInBand: durationText
    .default('5s')
    .describe(
      'How long the baseline must be back in band after users returned: at the proxy, and by what Prometheus can show. 0s is one look at the proxy.',
    ),
});

/** What a product team writes: what to release and how carefully. */
export const descriptorSchema = z
  .strictObject({
    apiVersion: z.literal('spillway/v1'),
    service: name.describe('The service, as the environment file names it.'),
    version: z
      .string()
      .max(100)
      // A version goes into command lines: it must not look like an option.
      .regex(
        /^[A-Za-z0-9][\w.+:@/-]*$/,
        'write letters, digits and . _ + : @ / - only, and begin with a letter or digit',
      )
      .describe('The version to release, quoted.'),
    environment: name.describe('The environment whose worker runs the release.'),
    hypothesis: z
      .strictObject({
        change: sentence.describe('What should change for users.'),
        keep: sentence.describe('What must not change.'),
      })
      .describe('What is expected, written down before the start.'),
    owners: z
      .strictObject({
        sponsor: sentence.optional(),
        lead: sentence,
        dataSteward: sentence.optional(),
        rollbackCaptain: sentence.optional(),
      })
      .describe('Who answers for the release.'),
    stages: z
      .array(stage)
      .max(200)
      .default([
        { canaryPercent: 5, bakeTime: '10m' },
        { canaryPercent: 25, bakeTime: '10m' },
      ])
      .describe('Exposure step by step; an empty list is blue/green.'),
    cohorts: z
      .array(cohortStep)
      .max(50)
      .default([])
      .describe('Who gets the canary alone, before the first of `stages`; they keep it from then on.'),
    fullExposure: z
      .strictObject({
        holdbackPercent: z.number().min(0).max(50).default(1).describe('Share kept on the baseline in the window.'),
        rollbackWindow: durationText.default('30m').describe('How long rollback stays armed at full exposure.'),
        minRequests: z.number().int().min(0).optional(),
        gate: name.optional(),
        maxUserMinutes,
      })
      .prefault({}),
    budget: z
      .strictObject({
        slo: percent
          .optional()
          .describe(
            'Percent of good answers that the service promises; the release slows, halts or turns back while its error budget burns.',
          ),
        maxExcessErrors: z
          .number()
          .int()
          .min(1)
          .optional()
          .describe('Errors beyond those of the baseline that the whole release may spend; then it turns back.'),
        users: z.number().int().min(1).optional().describe('People who use the service at a time.'),
      })
      .optional()
      .describe('What the release may spend, whatever its evidence says.'),
    risk: z
      .strictObject({
        alphaPercent: z
          .number()
          .min(0.01)
          .max(10)
          .default(1)
          .describe('Chance of ever rolling back a healthy version, over all guardrails and looks.'),
        betaPercent: z
          .number()
          .min(0.01)
          .max(20)
          .default(5)
          .describe('Chance that a stage is left by a version that breaks the limit of a metric.'),
      })
      .optional()
      .describe('What the verdicts of the release may be wrong about.'),
    metrics: z
      .record(name, metricSchema)
      .default({ 'http-errors': { source: 'proxy', max: 'baseline + 0.5%', guardrail: true } })
      .describe('What is compared between baseline and canary.'),
    checks: z
      .array(
        z.strictObject({
          path: z
            .string()
            .max(500)
            .regex(/^\/[!-~]*$/, 'begin with / and write no spaces'),
          method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
          status: z.number().int().min(100).max(599).default(200),
          bodyContains: z.string().max(500).optional(),
        }),
      )
      .default([{ path: '/', method: 'GET', status: 200 }])
      .describe('Requests sent to the canary slot before any user is.'),
    migrations: z.array(migrationSchema).max(50).default([]),
    invariants: z
      .array(
        z.strictObject({
          id: name,
          database: name.optional(),
          query: bundleFile.describe('A query that returns no row while the data is right.'),
        }),
      )
      .max(50)
      .default([])
      .describe('Queries that return no row while the data is right; checked before and after, and in the proof.'),
    configuration: z
      .array(
        z.strictObject({
          target: name.optional(),
          set: z.record(z.string().min(1).max(200), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        }),
      )
      .max(50)
      .default([])
      .describe('Keys the canary gets; the baseline keeps its own.'),
    flags: z
      .array(
        z.strictObject({
          flag: name,
          target: name.optional(),
          value: z
            .union([z.boolean(), z.string(), z.number(), z.record(z.string(), z.json())])
            .describe(
              'What the flag becomes; what may stand here depends on the kind of its target. `{ cohort: NAME }` is the tenants of that cohort.',
            ),
          follows: z
            .literal('traffic')
            .optional()
            .describe('Only for whoever is served by the version of this release, until everybody is.'),
          killSwitch: z
            .boolean()
            .default(false)
            .describe('Restored beside the traffic, before anything else; left as it is where somebody else threw it.'),
        }),
      )
      .max(50)
      .default([]),
    credentials: z
      .strictObject({
        setting: z
          .string()
          .min(1)
          .max(200)
          .describe("Key of the service's configuration that names the login in use; the canary gets the other login."),
      })
      .optional()
      .describe(
        'Rotates the credentials of the service: the other login becomes valid, the canary uses it, contract revokes the old one.',
      ),
    notSecret: notSecretSchema,
    gates: z.record(name, gate).default({}),
    contractGate: contractGate.prefault({}).describe('Approval that contract waits for, on its own.'),
    contract: contractRule.prefault({}).describe('What must be so before the old form goes, and how it goes.'),
    noData: z
      .strictObject({
        holdFor: durationText.default('10m').describe('How long missing evidence holds the release.'),
        then: z.enum(['roll-back', 'hold']).default('roll-back'),
      })
      .prefault({}),
    rollback: rollback.prefault({}).describe('How users go back to the baseline when the release turns back.'),
    pause: z.strictObject({ longest: durationText.default('24h') }).prefault({}),
    notify: z
      .array(
        z.strictObject({
          to: name,
          on: z
            .array(z.enum(['gate', 'held', 'rollback', 'ended', 'incomplete']))
            .default(['gate', 'held', 'rollback', 'ended', 'incomplete']),
        }),
      )
      .max(20)
      .default([]),
  })
  .describe('A Spillway release descriptor.');

export type Descriptor = z.infer<typeof descriptorSchema>;
