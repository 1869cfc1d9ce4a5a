// Writes the JSON Schemas from the zod schemas; with --check only says whether they are up to date.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const kinds = ['descriptor', 'environment', 'policy', 'sentinel'];

/** Compiles src/core by itself, so that the schemas never come from an old build and need no other part to compile. */
async function compileCore(outDir) {
  const source = path.join(root, 'src/core');
  const files = (await readdir(source, { recursive: true })).filter((file) => file.endsWith('.ts'));
  for (const file of files) {
    const { outputText } = ts.transpileModule(await readFile(path.join(source, file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
    });
    const target = path.join(outDir, file.replace(/\.ts$/, '.js'));
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
  await writeFile(path.join(outDir, 'package.json'), '{ "type": "commonjs" }\n');
}

function schemaText(kind, schema) {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
  const named = { $schema, $id: `urn:spillway:v1:${kind}`, title: `Spillway ${kind}`, ...rest };
  return `${JSON.stringify(named, null, 2)}\n`;
}

async function main() {
  const check = process.argv.includes('--check');
  const cache = path.join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  // Below node_modules, so that the compiled files find zod.
  const compiled = await mkdtemp(path.join(cache, 'spillway-schemas-'));
  try {
    await compileCore(compiled);
    const require = createRequire(import.meta.url);
    for (const kind of kinds) {
      const text = schemaText(kind, require(path.join(compiled, kind, 'schema.js'))[`${kind}Schema`]);
      const name = `schemas/${kind}.schema.json`;
      const file = path.join(root, name);
      const present = existsSync(file) ? await readFile(file, 'utf8') : undefined;
      if (present === text) continue;
      if (check) {
        process.stderr.write(`${name} is stale: run \`npm run schemas\` and commit what it writes\n`);
        process.exitCode = 1;
      } else {
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, text);
        process.stdout.write(`wrote ${name}\n`);
      }
    }
  } finally {
    await rm(compiled, { recursive: true, force: true });
  }
}

await main();
