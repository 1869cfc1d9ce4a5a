import { z } from 'zod';
import { conventionNames } from '../analysis/catalogue/names';
import { durationText } from '../texts';
import { addressSchema } from './address';
import { cohortSchema } from './cohort-schema';
import { gitAuthor, gitBranch, gitPath, gitRepository } from './git-text';
import { migrationTool } from './tool-schema';

export const targetName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'write lower-case letters, digits and dashes, at most 63')
  .describe('Lower-case letters, digits and dashes; at most 63.');
export const secretReference = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'write where the secret is, `env:NAME` or `file:PATH`, never the secret itself',
  )
  .meta({
    description: 'Where the worker finds the secret: `env:NAME` or `file:PATH`; never the secret itself.',
    // Errors do not quote what stands here: somebody may have written the secret.
    writeOnly: true,
  });
const url = addressSchema('http://127.0.0.1:9090');
const slot = z.enum(['blue', 'green']);
const command = z.array(z.string().min(1)).min(1).describe('argv; {slot} {version} {service} {release} are replaced.');

/** Where two slots are in one HAProxy or several. */
export const haproxyPlace = {
  backend: z.string().min(1),
  sockets: z.array(z.string().min(1)).min(1).describe('Runtime API sockets, one a HAProxy: a path or host:port.'),
  servers: z.record(slot, z.string()).default({ blue: 'blue', green: 'green' }).describe('Server name of each slot.'),
};
const haproxy = z.strictObject({
  kind: z.literal('haproxy'),
  ...haproxyPlace,
  assignment: z
    .enum(['weight', 'identity'])
    .default('weight')
    .describe(
      'Whether HAProxy sends users with an identity by the hash of it, so that they keep their version, or every request by the weights.',
    ),
  stateFiles: z
    .union([z.literal('none'), z.array(z.string().min(1).max(500)).min(1)])
    .describe(
      'The `server-state-file` of each HAProxy, one a socket and in the same order: the worker writes it with every change, so that a HAProxy that crashes or is reloaded begins with the split it had. `none` where the worker keeps none: then it begins with the weights of its configuration, which may be everybody on the canary, until the release has set them again.',
    ),
  cohorts: cohortSchema.optional(),
  sentinels: z
    .array(z.strictObject({ url, token: secretReference }))
    .max(20)
    .default([])
    .describe('Who closes the gate when the engine is dead; all of them must hold the lease of an exposure.'),
});
const backupCommand = z
  .array(z.string().min(1))
  .min(1)
  .describe(
    'argv; {service} {release} are replaced, and {backup} by what `backup` printed. `backup` makes the restore point of the whole database, `testRestore` restores it elsewhere and ends with 0 when that is right. Both or neither; they run before contract asks for its approval and once more after the renaming.',
  );
const exec = z.strictObject({
  kind: z.literal('exec'),
  deploy: command,
  status: command,
  drain: command,
  undeploy: command,
  urls: z.record(slot, url).describe('Where each slot answers directly, for checks.'),
  directory: z.string().optional(),
  commandTimeout: durationText.default('10s'),
  readyTimeout: durationText.default('2m'),
});
const trial = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether undos are tried on a copy of the schema before a release starts.'),
    dsn: secretReference
      .optional()
      .describe(
        'A user who may make databases, on any server of the same version; the dsn of the database when left out.',
      ),
    sampleRows: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .describe('Rows of every table that the copy gets, so that a cast that cannot work is found early.'),
  })
  .describe('Where and how undos are tried on a copy of the schema.');
const postgres = z.strictObject({
  kind: z.literal('postgres'),
  dsn: secretReference,
  schemas: z.array(z.string().min(1)).min(1).default(['public']),
  lockTimeout: durationText.default('2s'),
  statementTimeout: durationText.default('5m'),
  roles: z
    .partialRecord(slot, z.string().min(1).max(63))
    .optional()
    .describe('The database role of each slot: who still reads the old form is named by its version.'),
  maxCopy: z
    .string()
    .regex(/^\d{1,6} ?(MB|GB|TB)$/, 'write a size such as `10GB`')
    .optional()
    .describe(
      'The most that the copy of what contract removes and the test restore beside it may take together; 10GB when left out.',
    ),
  backup: backupCommand.optional(),
  testRestore: backupCommand.optional(),
  backupTimeout: durationText
    .optional()
    .describe('How long each of the two may take, 11h at the most; 6h when left out.'),
  trial: trial.prefault({}),
  tool: migrationTool.optional(),
});
const prometheus = z.strictObject({
  kind: z.literal('prometheus'),
  url,
  scrapeInterval: durationText.default('15s'),
  timeout: durationText.default('5s'),
});
const configurationFile = z.strictObject({
  kind: z.literal('configuration-file'),
  paths: z.record(slot, z.string().min(1)).describe('One JSON file a slot.'),
});
const configurationGit = z.strictObject({
  kind: z.literal('configuration-git'),
  repository: gitRepository,
  branch: gitBranch.default('main').describe('It must be there; the worker pushes to it and never forces.'),
  paths: z.record(slot, gitPath).describe('One JSON file a slot, from the top of the repository.'),
  author: gitAuthor.default({ name: 'Spillway', email: 'spillway@localhost' }),
  sign: z
    .strictObject({
      format: z.literal('ssh').default('ssh'),
      key: secretReference.meta({
        description: 'A private key of OpenSSH without a passphrase: `env:NAME` or `file:PATH`.',
        writeOnly: true,
      }),
    })
    .optional()
    .describe('Signs every commit.'),
  timeout: durationText
    .default('20s')
    .describe('Longest wait for one reading or one change; the first one fetches the history of the branch.'),
});
const flagFile = z.strictObject({ kind: z.literal('flag-file'), path: z.string().min(1) });
const tenantField = z
  .string()
  .min(1)
  .max(100)
  .default('tenant')
  .describe('The field of the evaluation context that names the tenant, for values such as `{ tenants: [acme] }`.');
const versionField = z
  .string()
  .min(1)
  .max(100)
  .optional()
  .describe(
    'The field in which the service says its version, for flags that follow the traffic; `version` when left out.',
  );
const flagdFile = z.strictObject({
  kind: z.literal('flagd-file'),
  path: z.string().min(1).describe('The flag definitions of flagd, as JSON.'),
  tenantField,
  versionField,
});
const unleash = z.strictObject({
  kind: z.literal('unleash'),
  url: url.describe('Where Unleash is, without `/api`.'),
  project: z.string().min(1).max(100).default('default'),
  environment: z.string().min(1).max(100).describe("Unleash's environment whose strategies change."),
  token: secretReference,
  tenantField,
  versionField,
  timeout: durationText.default('5s').describe('How long one request may take.'),
});
const postgresLogin = z.strictObject({
  kind: z.literal('postgres-login'),
  dsn: secretReference.meta({
    description:
      'A user who may change both logins (CREATEROLE, with ADMIN on both) and end their sessions (pg_signal_backend), and a database that both may enter: `env:NAME` or `file:PATH`.',
    writeOnly: true,
  }),
  logins: z
    .array(
      z.strictObject({
        role: z
          .string()
          .max(63)
          .regex(/^[A-Za-z_][\w.-]*$/, 'write the name of a role: letters, digits and _ . - only'),
        password: secretReference.meta({
          description: 'Read anew whenever the login becomes valid: `env:NAME` or `file:PATH`.',
          writeOnly: true,
        }),
      }),
    )
    .length(2)
    .describe('Two roles with the same rights; one is in use, the other one is free (`nologin`).'),
});
const labels = z
  .record(
    z.string().regex(/^(?!__|le$)[A-Za-z_][A-Za-z0-9_]*$/, 'write a label name, other than `le` and `__…`'),
    z
      .string()
      .min(1)
      .max(200)
      .regex(/^\P{Cc}*$/u, 'write it without control characters'),
  )
  .describe(
    "Labels that pick a slot's series; `$service`, `$slot` and `*` (any text) are replaced. Empty: the usual ones.",
  );
const webhook = z.strictObject({
  kind: z.literal('webhook'),
  url: secretReference,
  format: z.enum(['generic', 'slack']).default('generic'),
});

/** What a platform team writes; read by the worker alone. */
export const environmentSchema = z
  .strictObject({
    apiVersion: z.literal('spillway/v1'),
    kind: z.literal('environment'),
    name: targetName,
    store: z.strictObject({ dsn: secretReference }),
    sealKey: secretReference.meta({
      description: 'At least 32 bytes that only workers of this environment have.',
      writeOnly: true,
    }),
    targets: z.record(
      targetName,
      z.discriminatedUnion('kind', [
        haproxy,
        exec,
        postgres,
        prometheus,
        configurationFile,
        configurationGit,
        flagFile,
        flagdFile,
        unleash,
        postgresLogin,
        webhook,
      ]),
    ),
    services: z.record(
      targetName,
      z.strictObject({
        traffic: targetName,
        deployer: targetName,
        metrics: targetName.optional(),
        database: targetName.optional(),
        configuration: targetName.optional(),
        flags: targetName.optional(),
        credentials: targetName
          .optional()
          .describe(
            'Its two logins; every release then gives the canary the configuration of the baseline, which names the one in use.',
          ),
        conventions: z
          .partialRecord(z.enum(conventionNames), labels)
          .optional()
          .describe('Names that the metrics of the service follow, best first, for ready-made metrics.'),
      }),
    ),
  })
  .describe('A Spillway environment.');

export type Environment = z.infer<typeof environmentSchema>;
export type Target = Environment['targets'][string];
export type TargetOf<K extends Target['kind']> = Extract<Target, { kind: K }>;
