import { nameIssues, judgePairs, type Judgement } from '../core/analysis/classic/judge-pairs';
import { judgeConfigSchema, pairsSchema } from '../core/analysis/classic/schema';
import type { VerdictValue } from '../core/analysis/types';
import { jsonIssue } from '../core/descriptor/check-json';
import type { Issue } from '../core/descriptor/issue';
import { readJsonFile } from '../descriptor-files/read-json-file';
import { exitCodes } from './exit-codes';
import { print, printJson, say, type Io } from './io';
import { sayIssues } from './read-descriptor';
import { paintAll, styleOf } from './render/line';
import { judgementLines } from './render/judgement';

export type JudgeOptions = { readonly config: string; readonly pairs: string; readonly json?: boolean | undefined };

const maxConfigBytes = 4_000_000;
const maxPairsBytes = 256_000_000;

const codes: { readonly [V in VerdictValue]: number } = {
  pass: exitCodes.ok,
  fail: exitCodes.rolledBack,
  inconclusive: exitCodes.waitingForApproval,
};

type Read =
  | { readonly ok: true; readonly judgement: Judgement; readonly confidence: number }
  | { readonly ok: false; readonly issues: readonly Issue[] };

async function readAndJudge(configFile: string, pairsFile: string): Promise<Read> {
  const config = await readJsonFile(configFile, judgeConfigSchema, maxConfigBytes);
  const pairs = await readJsonFile(pairsFile, pairsSchema, maxPairsBytes);
  if (!config.ok || !pairs.ok)
    return { ok: false, issues: [config, pairs].flatMap((read) => (read.ok ? [] : read.issues)) };
  const found = nameIssues(config.value.value, pairs.value.value).map(({ in: where, index, words }) =>
    where === 'config'
      ? jsonIssue(configFile, config.value.text, ['metrics', index, 'name'], words)
      : jsonIssue(pairsFile, pairs.value.text, [index, 'name'], words),
  );
  if (found.length > 0) return { ok: false, issues: found };
  const { value } = config.value;
  return { ok: true, judgement: judgePairs(value, pairs.value.value), confidence: value.confidence };
}

/** `spillway judge`: the classic judge over points that are already there; asks nobody. */
export async function judge(io: Io, options: JudgeOptions): Promise<number> {
  const isJson = options.json === true;
  const read = await readAndJudge(options.config, options.pairs);
  if (!read.ok) {
    sayIssues(io, read.issues, isJson);
    return exitCodes.invalid;
  }
  const { judgement, confidence } = read;
  const style = styleOf(io);
  if (isJson) printJson(io, { ok: true, method: 'mann-whitney', confidence, ...judgement });
  else print(io, ...paintAll(judgementLines(judgement, confidence), style));
  say(
    io,
    `${judgement.value}: valid for one look; a release that is looked at again and again wants its live guardrails.`,
  );
  return codes[judgement.value];
}
