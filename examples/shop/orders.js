'use strict';

const { Pool } = require('pg');

/**
 * @typedef {object} Order
 * @property {number} id
 * @property {string} customerName
 * @property {string} [givenName]
 * @property {string} [familyName]
 * @property {number} totalCents
 *
 * @typedef {{ customerName: string, givenName: string, familyName: string, totalCents: number }} NewOrder
 *
 * @typedef {object} Orders
 * @property {(id: number) => Promise<Order | undefined>} find
 * @property {(order: NewOrder) => Promise<Order>} add
 * @property {() => Promise<unknown>} check rejects while orders cannot be read
 * @property {() => Promise<unknown>} close
 */

const seededOrders = 5000;

/** Version 1 knows one name, version 2 and later two: the difference the name migration is about. */
const knowsTwoNames = (version) => Number(version.split('.')[0]) >= 2;

const splitName = (name) => {
  const space = name.indexOf(' ');
  return space < 0 ? [name, ''] : [name.slice(0, space), name.slice(space + 1)];
};

const joinName = (givenName, familyName) => (familyName === '' ? givenName : `${givenName} ${familyName}`);

/**
 * Reads an order out of a request body; accepts either form of the name.
 * @returns {NewOrder | undefined} undefined when the body is no order
 */
function readOrder(body) {
  if (typeof body !== 'object' || body === null) return undefined;
  const { customerName, givenName, familyName, totalCents } = body;
  if (!Number.isInteger(totalCents) || totalCents < 0) return undefined;
  if (typeof customerName === 'string' && customerName !== '') {
    const [given, family] = splitName(customerName);
    return { customerName, givenName: given, familyName: family, totalCents };
  }
  if (typeof givenName !== 'string' || givenName === '' || typeof familyName !== 'string') return undefined;
  return { customerName: joinName(givenName, familyName), givenName, familyName, totalCents };
}

/** @returns {Orders} orders kept in memory, the same first ones as the database set-up writes */
function createMemoryOrders() {
  const added = new Map();
  return {
    find: async (id) => {
      if (id > seededOrders) return added.get(id);
      return id < 1 ? undefined : { id, customerName: `Customer Number${id}`, totalCents: 100 + (id % 9900) };
    },
    add: async ({ customerName, totalCents }) => {
      const order = { id: seededOrders + added.size + 1, customerName, totalCents };
      added.set(order.id, order);
      return order;
    },
    check: async () => undefined,
    close: async () => undefined,
  };
}

const toOldOrder = (row) => ({ id: Number(row.id), customerName: row.customer_name, totalCents: row.total_cents });

function toNewOrder(row) {
  const [givenName, familyName] =
    row.given_name === undefined ? splitName(row.customer_name) : [row.given_name, row.family_name];
  const customerName = joinName(givenName, familyName);
  return { id: Number(row.id), customerName, givenName, familyName, totalCents: row.total_cents };
}

const oldColumns = 'customer_name, total_cents';

/** How soon a form that was not there is asked for again. */
const againMs = 250;

/** Before the expand step there is no new form, after the contract step there is no old one. */
const isWithoutColumn = (error) => error.code === '42703';

/** @returns {Orders} orders in PostgreSQL, in the columns the given version knows */
function createDatabaseOrders({ databaseUrl, version }) {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: 5,
    connectionTimeoutMillis: 2000,
    statement_timeout: 5000,
    application_name: `shop ${version}`,
  });
  pool.on('error', (error) => process.stderr.write(`shop: an idle database connection broke: ${error.message}\n`));
  const isNew = knowsTwoNames(version);
  const toOrder = isNew ? toNewOrder : toOldOrder;
  // Columns by their names: a `*` would go on reading the old name, and hold its contract step back.
  const columns = isNew ? 'given_name, family_name, total_cents' : 'customer_name, total_cents';
  const insert = `insert into orders (${columns}) values (${isNew ? '$1, $2, $3' : '$1, $2'}) returning id, ${columns}`;
  const read = async (names, id) => {
    const { rows } = await pool.query(`select id, ${names} from orders where id = $1`, [id]);
    return rows[0];
  };
  let askAgainAtMs = 0;
  const readNew = async (id) => {
    // An expand step may come at any moment; to ask with every order would double the work until then.
    if (Date.now() < askAgainAtMs) return undefined;
    return read(columns, id).catch((error) => {
      if (!isWithoutColumn(error)) throw error;
      askAgainAtMs = Date.now() + againMs;
      return undefined;
    });
  };
  const findNew = async (id) => {
    const row = await readNew(id);
    if (row !== undefined && row.given_name !== null) return row;
    // Before the expand step, and before the backfill, the new form is not there.
    return read(oldColumns, id).catch((error) => {
      if (!isWithoutColumn(error)) throw error;
      return row;
    });
  };
  return {
    find: async (id) => {
      const row = await (isNew ? findNew(id) : read(columns, id));
      return row === undefined ? undefined : toOrder(row);
    },
    add: async ({ customerName, givenName, familyName, totalCents }) => {
      const values = isNew ? [givenName, familyName, totalCents] : [customerName, totalCents];
      const { rows } = await pool.query(insert, values);
      return toOrder(rows[0]);
    },
    check: () => pool.query('select 1 from orders limit 1'),
    close: () => pool.end(),
  };
}

/**
 * @param {{ databaseUrl: string | undefined, version: string }} shop without a URL the orders live in memory
 * @returns {Orders}
 */
function createOrders({ databaseUrl, version }) {
  return databaseUrl ? createDatabaseOrders({ databaseUrl, version }) : createMemoryOrders();
}

module.exports = { createOrders, readOrder };
