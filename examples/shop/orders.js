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

/** Rows that are not back-filled yet have only the old name; after the contract step they have only the new ones. */
function toNewOrder(row) {
  const [given, family] = splitName(row.customer_name ?? '');
  const givenName = row.given_name ?? given;
  const familyName = row.family_name ?? family;
  const customerName = joinName(givenName, familyName);
  return { id: Number(row.id), customerName, givenName, familyName, totalCents: row.total_cents };
}

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
  // The newer version takes all columns there are, because the old name is there before the contract step and gone after it.
  const select = `select ${isNew ? '*' : 'id, customer_name, total_cents'} from orders where id = $1`;
  const columns = isNew ? 'given_name, family_name, total_cents' : 'customer_name, total_cents';
  const insert = `insert into orders (${columns}) values (${isNew ? '$1, $2, $3' : '$1, $2'}) returning *`;
  return {
    find: async (id) => {
      const { rows } = await pool.query(select, [id]);
      return rows[0] === undefined ? undefined : toOrder(rows[0]);
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
