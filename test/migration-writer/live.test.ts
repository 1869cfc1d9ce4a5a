import type { Client } from 'pg';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { backfill, changes, connectTo, ordersTable, rowsOf, sqlOf } from './written';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

type Values = { readonly [column: string]: string | number | null };
type Random = () => number;

/** What the two versions write, and what each form is for the other, in JavaScript: the model. */
type Model = {
  readonly oldValues: (random: Random) => Values;
  readonly newValues: (random: Random) => Values;
  readonly toNew: (values: Values) => Values;
  readonly toOld: (values: Values) => Values;
};

/** Mulberry32: small, seeded and good enough to shuffle writes. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, values: readonly T[]): T => {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
};

const words = ['Ada', 'Eve Bond', 'Mary Ann Lee', ' odd  name ', 'Ünï cödé', "O'Neil Tim"];
const numbers = [0, 1, -7, 2_147_483_647, -2_147_483_648];
const wide = [...numbers, 5_000_000_000, -5_000_000_000];
const clamp = (value: number): number => Math.min(2_147_483_647, Math.max(-2_147_483_648, value));

function splitName(name: string): Values {
  const space = name.indexOf(' ');
  return space < 0 ? { given: name, family: '' } : { given: name.slice(0, space), family: name.slice(space + 1) };
}

const models: { readonly [kind in keyof typeof changes]: Model } = {
  rename: {
    oldValues: (random) => ({ name: pick(random, words) }),
    newValues: (random) => ({ title: pick(random, words) }),
    toNew: ({ name }) => ({ title: name ?? null }),
    toOld: ({ title }) => ({ name: title ?? null }),
  },
  'rename of a column that may be null': {
    oldValues: (random) => ({ note: pick(random, [...words, null] as const) ?? null }),
    // Null in a row that is not filled yet is no change that a trigger could see.
    newValues: (random) => ({ remark: pick(random, words) }),
    toNew: ({ note }) => ({ remark: note ?? null }),
    toOld: ({ remark }) => ({ note: remark ?? null }),
  },
  split: {
    oldValues: (random) => ({ name: pick(random, words) }),
    newValues: (random) => ({ given: pick(random, words).trim(), family: pick(random, ['Lee', 'van Dyk', '']) }),
    toNew: ({ name }) => splitName(String(name)),
    toOld: ({ given, family }) => ({ name: `${given} ${family}`.replace(/ +$/, '') }),
  },
  retype: {
    oldValues: (random) => ({ total: pick(random, numbers) }),
    newValues: (random) => ({ total_big: pick(random, wide) }),
    toNew: ({ total }) => ({ total_big: total ?? null }),
    toOld: ({ total_big: total }) => ({ total: clamp(Number(total)) }),
  },
  'not-null': {
    oldValues: (random) => ({ note: pick(random, [...words, null] as const) ?? null }),
    newValues: (random) => ({ remark: pick(random, words) }),
    toNew: ({ note }) => ({ remark: note ?? 'none' }),
    toOld: ({ remark }) => ({ note: remark ?? null }),
  },
};

type Write = { readonly touched: number; readonly form: 'old' | 'new'; readonly values: Values };
/** Every write of each row; `touched` grows with each and so orders them. */
type Writes = Map<number, Write[]>;
type Forms = { readonly old: Values; readonly fresh: Values };

const note = (writes: Writes, id: number, write: Write): void =>
  void writes.set(id, [...(writes.get(id) ?? []), write]);

const equal = (left: Values, right: Values): boolean => JSON.stringify(left) === JSON.stringify(right);

/** What one write makes of a row: the other form follows, unless it says the same already. */
function afterWrite({ toNew, toOld }: Model, before: Forms | undefined, { form, values }: Write): Forms {
  if (form === 'old') {
    const isSaid = before !== undefined && (equal(values, before.old) || equal(values, toOld(before.fresh)));
    return { old: values, fresh: isSaid ? before.fresh : toNew(values) };
  }
  const isSaid = before !== undefined && (equal(values, toNew(before.old)) || equal(values, before.fresh));
  return { old: isSaid ? before.old : toOld(values), fresh: values };
}

/** Both forms of every row, as its writes leave them in their order. */
function modelRows(model: Model, writes: Writes): ReadonlyMap<number, Forms> {
  return new Map(
    [...writes].flatMap(([id, all]) => {
      const ordered = [...all].sort((a, b) => a.touched - b.touched);
      const forms = ordered.reduce<Forms | undefined>((before, write) => afterWrite(model, before, write), undefined);
      return forms === undefined ? [] : [[id, forms] as const];
    }),
  );
}

const seededRows = 200;

/** Inserts and updates of one version until it is stopped; some rows are touched without their form. */
function startWriter(dsn: string, form: 'old' | 'new', model: Model, seed: number, writes: Writes) {
  const random = seeded(seed);
  let isStopped = false;
  let count = 0;
  const write = async (client: Client): Promise<void> => {
    const values = form === 'old' ? model.oldValues(random) : model.newValues(random);
    const columns = Object.keys(values);
    const id = 1 + Math.floor(random() * seededRows);
    const kind = random();
    if (kind < 0.2) {
      await client.query('update public.orders set touched = touched where id = $1', [id]);
      return;
    }
    const sql =
      kind < 0.4
        ? `insert into public.orders (${columns.join(', ')}, touched) values (${columns.map((_, at) => `$${at + 1}`).join(', ')}, 1)`
        : `update public.orders set ${columns.map((column, at) => `${column} = $${at + 1}`).join(', ')}, touched = touched + 1 where id = ${id}`;
    const [row] = await rowsOf(client, `${sql} returning id, touched`, Object.values(values));
    if (row !== undefined) note(writes, Number(row['id']), { touched: Number(row['touched']), form, values });
  };
  const done = (async () => {
    const client = await connectTo(dsn);
    try {
      while (!isStopped) {
        await write(client);
        count += 1;
      }
    } finally {
      await client.end();
    }
  })();
  // The test awaits it when it stops the writer; until then a failure waits.
  done.catch(() => undefined);
  return {
    writes: async (more: number) => {
      const until = count + more;
      while (count < until) {
        await Promise.race([done.then(() => Promise.reject(new Error('the writer ended'))), new Promise(setImmediate)]);
      }
    },
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}

/** The losses query names the rows whose new form the old one cannot give, and no other. */
async function expectLosses(client: Client, kind: keyof typeof models, writes: Writes): Promise<void> {
  const found = await rowsOf(client, sqlOf(changes[kind], 'losses'));
  const lost = [...modelRows(models[kind], writes)].flatMap(([id, { old, fresh }]) =>
    equal(models[kind].toNew(old), fresh) ? [] : [id],
  );
  expect(found.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(lost.sort((a, b) => a - b));
}

const kinds = Object.keys(models) as (keyof typeof models)[];
const cases = kinds.flatMap((kind) => (['undo', 'contract'] as const).map((outcome) => ({ kind, outcome })));

it.each(cases)('$kind: what either version writes survives $outcome', async ({ kind, outcome }) => {
  const seed = 7 + cases.findIndex((each) => each.kind === kind && each.outcome === outcome);
  const [change, model] = [changes[kind], models[kind]];
  const dsn = await postgres.createDatabase(`live_${seed}`);
  const client = await connectTo(dsn);
  const writes: Writes = new Map();
  const random = seeded(seed);
  const start = (form: 'old' | 'new', number: number) => startWriter(dsn, form, model, seed * 100 + number, writes);
  try {
    await client.query(ordersTable);
    for (let id = 1; id <= seededRows; id += 1) {
      const values = model.oldValues(random);
      await client.query(`insert into orders (${Object.keys(values).join(', ')}) values ($1)`, Object.values(values));
      note(writes, id, { touched: 0, form: 'old', values });
    }
    const oldWriters = [start('old', 1), start('old', 2)];
    await client.query(sqlOf(change, 'expand'));
    expect(await rowsOf(client, sqlOf(change, 'expand.check'))).toEqual([]);
    const newWriters = [start('new', 3), start('new', 4)];
    await Promise.all(newWriters.map((writer) => writer.writes(20)));
    await backfill(client, change, 20);
    expect(await rowsOf(client, sqlOf(change, 'backfill.check'))).toEqual([]);
    await Promise.all([...oldWriters, ...newWriters].map((writer) => writer.writes(50)));

    const [leaving, staying] = outcome === 'undo' ? [newWriters, oldWriters] : [oldWriters, newWriters];
    await Promise.all(leaving.map((writer) => writer.stop()));
    expect(await rowsOf(client, sqlOf(change, 'backfill.check'))).toEqual([]);
    await client.query(sqlOf(change, outcome === 'undo' ? 'expand.undo' : 'contract'));
    await Promise.all(staying.map((writer) => writer.writes(20)));
    await Promise.all(staying.map((writer) => writer.stop()));

    const form = outcome === 'undo' ? 'old' : 'fresh';
    const expected = [...modelRows(model, writes)].map(([id, forms]) => ({ id, ...forms[form] }));
    const columns = Object.keys(expected[0] ?? {}).join(', ');
    const found = (await rowsOf(client, `select ${columns} from public.orders`)).map((row) => ({
      ...row,
      id: Number(row['id']),
      ...('total_big' in row ? { total_big: Number(row['total_big']) } : {}),
    }));
    const sorted = (rows: readonly { readonly id: number }[]) => [...rows].sort((a, b) => a.id - b.id);
    expect(sorted(found)).toEqual(sorted(expected));
    expect(writes.size).toBeGreaterThan(seededRows + 20);
  } finally {
    await client.end();
  }
});

it.each(kinds)('%s: the rows that an undo would lose are listed, and no other', async (kind) => {
  const [change, model] = [changes[kind], models[kind]];
  const dsn = await postgres.createDatabase(`losses_${kinds.indexOf(kind)}`);
  const client = await connectTo(dsn);
  const writes: Writes = new Map();
  try {
    await client.query(ordersTable);
    await client.query(sqlOf(change, 'expand'));
    const writers = [1, 2].map((number) => startWriter(dsn, 'new', model, number, writes));
    const oldWriter = startWriter(dsn, 'old', model, 3, writes);
    await Promise.all([...writers, oldWriter].map((writer) => writer.writes(150)));
    await Promise.all([...writers, oldWriter].map((writer) => writer.stop()));
    await expectLosses(client, kind, writes);
  } finally {
    await client.end();
  }
});
