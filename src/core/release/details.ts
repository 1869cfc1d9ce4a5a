import type { Verdict } from '../analysis/types';
import { askedAtGate } from '../plan/describe-combinations';
import { explain } from './explain';
import type { ReleaseState, StageState } from './state';
import { wordOfProof } from './left-switch';
import { undoStatusOf } from './undo-status';

const marks = { waiting: '·', running: '◐', done: '✔' } as const;

const clock = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString().slice(11, 19));

/** Temporal shows at most 20,000 bytes; what can be done is always shown, so it has a share of its own. */
const mostTableBytes = 18_000;
const mostSentenceLength = 3_000;
const mostCellLength = 500;

const short = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)}…`);

// A pipe or a line break would end the table cell.
const cell = (text: string): string => short(text, mostCellLength).replace(/\s+/g, ' ').replaceAll('|', '\\|');

/** Never too few: half of a character beyond 16 bits counts as three bytes. */
function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  return bytes;
}

/** Whole lines only: half a row would break its table. */
function fitting(lines: readonly string[]): readonly string[] {
  let bytes = 0;
  const end = lines.findIndex((text) => (bytes += utf8Bytes(text) + 1) > mostTableBytes);
  return end === -1 ? lines : [...lines.slice(0, end), '', '…', ''];
}

const stageRow = (state: ReleaseState, stage: StageState): string => {
  const title = state.sealed?.plan.stages.find(({ id }) => id === stage.id)?.title ?? stage.id;
  return `| ${marks[stage.state]} | ${stage.id} | ${cell(title)} | ${clock(stage.startedAtMs)} | ${clock(stage.endedAtMs)} | ${cell(stage.reason ?? '')} |`;
};

const verdictRow = ({ metric, value, reason }: Verdict): string => `| ${cell(metric)} | ${value} | ${cell(reason)} |`;

function howTo(state: ReleaseState): readonly string[] {
  const service = state.sealed?.plan.service ?? 'RELEASE';
  if (state.endedAtMs !== undefined) return [];
  return [
    '### What you can do',
    `- Approve an open gate: \`spillway approve ${service} GATE --why "…"\` (update \`approve\`)`,
    `- Abort and undo everything: \`spillway abort ${service} --why "…"\` (signal \`abort\` with \`{"id":"…","by":"…","why":"…"}\`)`,
    `- Ask why it waits: \`spillway explain ${service}\` (\`sentence\` of the memo)`,
    '',
  ];
}

function askedList({ sealed, stage: id, failure }: ReleaseState): readonly string[] {
  const stage = sealed?.plan.stages.find((each) => each.id === id);
  if (sealed === undefined || stage?.kind !== 'gate' || failure !== undefined) return [];
  const asked = askedAtGate(sealed.plan, stage.gate);
  return asked.length === 0 ? [] : ['### What the gate asks about', ...asked.map((text) => `- ${cell(text)}`), ''];
}

function rollbackTable(state: ReleaseState): readonly string[] {
  const rows = Object.entries(state.compensations);
  if (rows.length === 0) return [];
  return [
    '### Rollback',
    '| undo of | status | detail |',
    '| --- | --- | --- |',
    ...rows.map(([effect, undo]) => `| ${cell(effect)} | ${undoStatusOf(undo)} | ${cell(undo.detail ?? '')} |`),
    '',
  ];
}

function proofTable(state: ReleaseState): readonly string[] {
  if (state.proof === undefined) return [];
  return [
    `### Proof: ${wordOfProof(state.proof)}`,
    '| | object | expected | observed |',
    '| --- | --- | --- | --- |',
    ...state.proof.lines.map(
      (line) =>
        `| ${line.isEqual ? '✔' : '✖'} | ${cell(line.object)} | ${cell(line.expected)} | ${cell(line.observed)} |`,
    ),
    ...(state.proof.left ?? []).map(
      ({ object, expected, observed }) =>
        `| ! | ${cell(object)} | ${cell(expected)} | ${cell(observed)}, left as somebody else threw it |`,
    ),
    ...(state.proof.notShown ?? []).map(
      ({ object, expected, why }) => `| ? | ${cell(object)} | ${cell(expected)} | not shown: ${cell(why)} |`,
    ),
    '',
  ];
}

/** What the Temporal UI shows as current details: it tells the story alone. Markdown, below 20,000 bytes. */
export function renderDetails(state: ReleaseState): string {
  const plan = state.sealed?.plan;
  const verdicts = state.failure?.verdicts ?? state.watch?.verdicts ?? [];
  const tables = [
    `**${short(explain(state).sentence, mostSentenceLength)}**`,
    '',
    ...(plan === undefined
      ? []
      : [`${plan.service} ${plan.version} → ${plan.environment}, plan \`${state.sealed?.seal.planDigest ?? ''}\``, '']),
    '| | stage | what | from | to | why |',
    '| --- | --- | --- | --- | --- | --- |',
    ...state.stages.map((stage) => stageRow(state, stage)),
    '',
    ...askedList(state),
    ...(verdicts.length === 0
      ? []
      : ['### Verdicts', '| metric | verdict | numbers |', '| --- | --- | --- |', ...verdicts.map(verdictRow), '']),
    ...rollbackTable(state),
    ...proofTable(state),
  ];
  return [...fitting(tables), ...howTo(state)].join('\n');
}
