import type { Slot, Slots } from '../../core/plan/effects';
import type { ConfigurationPort } from '../../ports/configuration';
import type { PortError } from '../../ports/errors';
import { parseJsonObject } from '../json-object';
import { digestOf, hasValues, mergeDocument, readKeys } from './document';

type Call = 'digest' | 'read' | 'apply' | 'restore' | 'isApplied';

/** Configuration documents in memory, as the text of each slot. */
export type MemoryConfiguration = ConfigurationPort & {
  text(slot: Slot): string | undefined;
  /** What somebody else writes into the slot's document. */
  setText(slot: Slot, text: string | undefined): void;
  /** Every such call throws the error until it is set to undefined. */
  setFailure(call: Call, error: PortError | undefined): void;
};

/** @throws PortError `Rejected` for a document that is not a JSON object. */
export function createMemoryConfiguration(texts: { readonly [S in Slot]?: string } = {}): MemoryConfiguration {
  const documents = new Map<Slot, Buffer>();
  const kept = new Map<string, Buffer | undefined>();
  const failures = new Map<Call, PortError>();
  const setText = (slot: Slot, text: string | undefined) =>
    void (text === undefined ? documents.delete(slot) : documents.set(slot, Buffer.from(text)));
  setText('blue', texts.blue);
  setText('green', texts.green);

  const enter = async (call: Call) => {
    await Promise.resolve();
    const failure = failures.get(call);
    if (failure !== undefined) throw failure;
  };
  const keyOf = ({ canary }: Slots, release: string) => `${canary} ${release}`;
  return {
    digest: async (slot) => {
      await enter('digest');
      return digestOf(documents.get(slot));
    },
    read: async (slot, keys) => {
      await enter('read');
      const bytes = documents.get(slot);
      return readKeys(bytes === undefined ? {} : parseJsonObject(bytes, `document of ${slot}`), keys);
    },
    apply: async (slots, set, release) => {
      await enter('apply');
      const source = documents.get(slots.baseline);
      const wanted = mergeDocument(source ? parseJsonObject(source, `document of ${slots.baseline}`) : {}, set);
      const key = keyOf(slots, release);
      if (!kept.has(key)) kept.set(key, documents.get(slots.canary));
      documents.set(slots.canary, wanted);
    },
    restore: async (slots, release) => {
      await enter('restore');
      const key = keyOf(slots, release);
      if (!kept.has(key)) return;
      setText(slots.canary, kept.get(key)?.toString());
      kept.delete(key);
    },
    isApplied: async (slots, set) => {
      await enter('isApplied');
      return hasValues(documents.get(slots.canary), set);
    },
    text: (slot) => documents.get(slot)?.toString(),
    setText,
    setFailure: (call, error) => void (error ? failures.set(call, error) : failures.delete(call)),
  };
}
