import { checkDocument, type Checked, type DocumentKind } from './check-document';
import type { Parsed } from './issue';
import { outlineSchema } from './outline';
import { checkBlastRadius } from './rules/blast-radius';
import { checkPaths } from './rules/files';
import { checkMetricCount, checkSlot } from './rules/metrics';
import { checkCountedOnce, checkPresets } from './rules/presets';
import { checkParts, checkUndo } from './rules/migrations';
import { checkConfiguration, checkFlags, checkIds } from './rules/once';
import { checkSecrets } from './rules/secrets';
import { checkGates, checkHoldback, checkPercents, checkRising } from './rules/stages';
import { checkValues } from './rules/values';
import { checkVersion } from './rules/version';
import { descriptorSchema, type Descriptor } from './schema';

const rules = [
  checkPercents,
  checkRising,
  checkHoldback,
  checkGates,
  checkParts,
  checkUndo,
  checkIds,
  checkFlags,
  checkConfiguration,
  checkSlot,
  checkMetricCount,
  checkPresets,
  checkValues,
  checkCountedOnce,
  checkBlastRadius,
  checkPaths,
];

const descriptorKind: DocumentKind<typeof descriptorSchema> = {
  kind: 'descriptor',
  schema: descriptorSchema,
  rules: (source) => {
    const outline = outlineSchema.parse(source.value);
    return [...checkVersion(source), ...checkSecrets(source, outline), ...rules.flatMap((rule) => rule(outline))];
  },
};

/** Reads a descriptor from YAML, with every default filled in, or says everything that is wrong with it. */
export function parseDescriptor(text: string, fileName: string): Parsed<Descriptor> {
  const checked = checkDescriptor(text, fileName);
  return checked.ok ? { ok: true, value: checked.value.value } : checked;
}

/** The same, keeping where the descriptor says what. */
export function checkDescriptor(text: string, fileName: string): Parsed<Checked<Descriptor>> {
  return checkDocument(descriptorKind, { text, file: fileName });
}
