import { z } from 'zod';

const text = z.string().optional().catch(undefined);
const number = z.number().optional().catch(undefined);
const listOf = <T extends z.ZodType>(item: T) => z.array(item).catch([]);

const part = z
  .looseObject({ sql: text, batch: text, undo: z.unknown().optional(), check: text, losses: text })
  .optional()
  .catch(undefined);
const stage = z.looseObject({ canaryPercent: number, gate: text, bakeTime: text, maxUserMinutes: number }).catch({});
const metric = z
  .looseObject({
    bad: text,
    total: text,
    histogram: text,
    source: text,
    preset: text,
    convention: text,
    above: z.unknown().optional(),
    max: z.unknown().optional(),
    min: z.unknown().optional(),
    value: text,
    method: text,
  })
  .catch({});
const migration = z
  .looseObject({ id: text, expand: part, backfill: part, indexes: listOf(text), switch: part, contract: part })
  .catch({ indexes: [] });

/** A descriptor as far as it can be read, so that rules across fields also speak about one that has other faults. */
export const outlineSchema = z
  .looseObject({
    stages: listOf(stage),
    cohorts: listOf(z.looseObject({ gate: text }).catch({})),
    fullExposure: z
      .looseObject({ holdbackPercent: number, gate: text, rollbackWindow: text, maxUserMinutes: number })
      .catch({}),
    budget: z.looseObject({ users: number }).catch({}).optional(),
    gates: z.record(z.string(), z.unknown()).catch({}),
    metrics: z.record(z.string(), metric).catch({}),
    migrations: listOf(migration),
    invariants: listOf(z.looseObject({ id: text, query: text }).catch({})),
    configuration: listOf(
      z.looseObject({ target: text, set: z.record(z.string(), z.unknown()).catch({}) }).catch({ set: {} }),
    ),
    flags: listOf(z.looseObject({ flag: text, target: text, value: z.unknown().optional() }).catch({})),
    checks: listOf(z.looseObject({ path: text, bodyContains: text }).catch({})),
    notSecret: listOf(z.looseObject({ at: text }).catch({})),
  })
  .catch({
    stages: [],
    cohorts: [],
    fullExposure: {},
    gates: {},
    metrics: {},
    migrations: [],
    invariants: [],
    configuration: [],
    flags: [],
    checks: [],
    notSecret: [],
  });

export type Outline = z.infer<typeof outlineSchema>;
