import { firstRunId } from '../plans';
import { fail, type Story } from './story';

/** The evidence is whole, tells every fact once, and has one ending. */
export function checkEvidence(story: Story): void {
  const bySeq = new Map<number, string>();
  let ended = 0;
  for (const { row, evidence } of story.world.published) {
    // Contract and the guard of the ending have chains of their own.
    if (row.release !== firstRunId) continue;
    for (const record of evidence) {
      const text = JSON.stringify(record);
      const known = bySeq.get(record.seq);
      if (known === undefined && record.type === 'ended') ended += 1;
      if (known !== undefined && known !== text) fail(story, `fact ${record.seq} was told twice, differently`);
      bySeq.set(record.seq, text);
    }
  }
  if (bySeq.size === 0) return;
  if (ended !== 1) fail(story, `${ended} endings are in the evidence`);
  for (let seq = 1; seq <= bySeq.size; seq += 1)
    if (!bySeq.has(seq)) return fail(story, `fact ${seq} is missing in the evidence`);
}
