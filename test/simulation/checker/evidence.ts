import { firstRunId } from '../plans';
import { overWhenLost } from './losses';
import { fail, type Story } from './story';

const ofPeople = ['approved', 'rejected', 'paused', 'resumed'];

/** A message that comes again, even to a later run, changes nothing again. */
function checkActedOnce(story: Story, records: readonly string[]): void {
  const seen = new Set<string>();
  for (const record of records) {
    const { detail } = JSON.parse(record) as { readonly detail: { readonly type?: string; readonly id?: string } };
    if (detail.id === undefined || !ofPeople.includes(detail.type ?? '')) continue;
    if (seen.has(detail.id)) fail(story, `message ${detail.id} acted twice (${detail.type})`);
    seen.add(detail.id);
  }
}

/** The evidence is whole, tells every fact once, and has one ending. */
export function checkEvidence(story: Story): void {
  // What an ending lacked when it was cut off, the books of the real store add.
  if (story.ending === overWhenLost) return;
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
  checkActedOnce(story, [...bySeq.values()]);
  if (bySeq.size === 0) return;
  if (ended !== 1) fail(story, `${ended} endings are in the evidence`);
  for (let seq = 1; seq <= bySeq.size; seq += 1)
    if (!bySeq.has(seq)) return fail(story, `fact ${seq} is missing in the evidence`);
}
