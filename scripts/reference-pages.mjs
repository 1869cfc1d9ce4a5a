// Writes the tables of docs/reference/{descriptor,environment,policy,sentinel}.md from the JSON Schemas, which come from the zod
// schemas, and docs/reference/cli.md from the help of the built command line; with --check only says whether they are
// up to date.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const kinds = ['descriptor', 'environment', 'policy', 'sentinel', 'cli'];
const begin = '<!-- written by `npm run docs:reference` -->';
const end = '<!-- end of what is written -->';

const code = (text) => `\`${text}\``;
const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const variantsOf = (schema) => schema.anyOf ?? schema.oneOf;
const isDuration = (schema) => schema.pattern?.includes('(ms|s|m|h|d)') ?? false;

function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }) {
  const low =
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : minimum !== undefined ? `from ${minimum}` : '';
  const isOpen = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  const high = exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : isOpen ? '' : `to ${maximum}`;
  return [low, high].filter((text) => text !== '').join(' ');
}

function typeOf(schema) {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  const variants = variantsOf(schema);
  if (variants) return [...new Set(variants.map(typeOf))].join(' or ');
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items)}`;
    case 'integer':
      return `whole number ${range(schema)}`.trim();
    case 'number':
      return `number ${range(schema)}`.trim();
    case 'boolean':
      return 'true or false';
    case 'object':
      return schema.properties ? 'object' : `map of ${typeOf(schema.additionalProperties ?? {})}`;
    case 'string':
      return isDuration(schema) ? 'duration' : 'text';
    default:
      return [schema.type ?? 'anything'].flat().join(', ');
  }
}

function defaultOf(schema, isRequired) {
  if (schema.default === undefined) return isRequired ? '**required**' : '';
  if (schema.properties) return '';
  const shown = typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default);
  return shown === '{}' || shown === '[]' ? '' : code(shown);
}

/** What tells one variant of a union from the others: its constant, else the first key that only it has. */
function nameOf(variant, others) {
  for (const [key, { const: value }] of Object.entries(variant.properties)) {
    const isSame = others.every((other) => other.properties[key]?.const === value);
    if (value !== undefined && !isSame && !others.some((o) => o !== variant && o.properties[key]?.const === value))
      return `${key}: ${value}`;
  }
  const own = Object.keys(variant.properties).find((key) => others.every((o) => o === variant || !o.properties[key]));
  return own === undefined ? 'proxy' : `with ${own}`;
}

/** Words about the form alone are said once, under Units. */
const meaningOf = ({ description = '' }) =>
  /^(Lower-case letters|A whole number with its unit)/.test(description) ? '' : description;

function walk(schema, at, table) {
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const here = at === '' ? key : `${at}.${key}`;
    const isRequired = schema.required?.includes(key) ?? false;
    // What an object says of its keys when it is left out wins over what each key says.
    const told = schema.default?.[key] === undefined ? value : { ...value, default: schema.default[key] };
    table.rows.push([code(here), typeOf(value), defaultOf(told, isRequired), meaningOf(value)]);
    below(value, here, table);
  }
}

function below(schema, at, table) {
  if (schema.type === 'array') return below(schema.items, `${at}[]`, table);
  const objects = (variantsOf(schema) ?? []).filter((variant) => variant.properties);
  if (objects.length > 1) {
    for (const variant of objects) {
      const own = { title: `${at}, ${nameOf(variant, objects)}`, rows: [], more: table.more };
      table.more.push(own);
      walk(variant, at, own);
    }
    return undefined;
  }
  if (objects.length === 1) return walk(objects[0], at, table);
  if (schema.properties) return walk(schema, at, table);
  const values = schema.additionalProperties;
  return typeof values === 'object' ? below(values, `${at}.<name>`, table) : undefined;
}

const render = ({ rows }) =>
  [
    '| key | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n');

function tablesOf(schema) {
  const table = { rows: [], more: [] };
  walk(schema, '', table);
  return [render(table), ...table.more.map((more) => `### ${code(more.title)}\n\n${render(more)}`)].join('\n\n');
}

function helpOf(...words) {
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'bin/spillway.js'), ...words, '--help'],
    { encoding: 'utf8', env },
  );
  if (status !== 0) throw new Error(`spillway ${words.join(' ')} --help ends with ${status}: ${stderr}`);
  return stdout.trimEnd();
}

const fenced = (text) => `\`\`\`text\n${text}\n\`\`\``;

/** The help of the program, then of each command in its order. */
function helpPages() {
  const whole = helpOf();
  const commands = [...whole.matchAll(/^ {2}([a-z-]+)(?: \[options\])?(?: [<[][^ ]*)* {2,}/gm)].map(([, name]) => name);
  const pages = commands
    .filter((name) => name !== 'help')
    .map((name) => `### spillway ${name}\n\n${fenced(helpOf(name))}`);
  return [fenced(whole), ...pages].join('\n\n');
}

const writtenOf = async (kind) =>
  kind === 'cli'
    ? helpPages()
    : tablesOf(JSON.parse(await readFile(path.join(root, `schemas/${kind}.schema.json`), 'utf8')));

async function pageOf(kind, page) {
  const [head, rest] = page.split(begin);
  const [, tail] = rest?.split(end) ?? [];
  if (tail === undefined) throw new Error(`docs/reference/${kind}.md lacks the lines "${begin}" and "${end}"`);
  const text = `${head}${begin}\n\n${await writtenOf(kind)}\n\n${end}${tail}`;
  return format(text, { ...(await resolveConfig(path.join(root, 'README.md'))), parser: 'markdown' });
}

const check = process.argv.includes('--check');
for (const kind of kinds) {
  const name = `docs/reference/${kind}.md`;
  const file = path.join(root, name);
  const present = await readFile(file, 'utf8');
  const text = await pageOf(kind, present);
  if (text === present) continue;
  if (check) {
    process.stderr.write(`${name} is stale: run \`npm run docs:reference\` and commit what it writes\n`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}
