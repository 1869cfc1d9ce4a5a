import type { Setting, SettingKind } from '../../../src/core/combinations/setting';

/** A setting whose values are told by their own texts. */
export const setting = (kind: SettingKind, name: string, before: string | undefined, after: string): Setting => ({
  id: name,
  kind,
  title: name,
  before: before === undefined ? { text: 'now' } : { text: before, digest: before },
  after: { text: after, digest: after },
});

export const flag = (name: string, before: string | undefined, after: string): Setting =>
  setting('flag', name, before, after);
export const key = (name: string, before: string | undefined, after: string): Setting =>
  setting('configuration', name, before, after);
