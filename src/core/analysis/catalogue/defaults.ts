import type { PresetName } from './names';

type PresetDefault = {
  /** A limit as a descriptor writes it, or a plain maximum for a value. */
  readonly max: string | number;
  readonly owner?: string;
};

/** Requests slower than this are slow where the descriptor says nothing: a bucket bound of every convention. */
export const defaultAbove = '500ms';

/** What a ready-made metric allows where the descriptor says nothing. */
export const presetDefaults: { readonly [P in PresetName]: PresetDefault } = {
  'http-errors': { max: 'baseline + 0.5%' },
  'http-latency': { max: 'baseline + 1%' },
  saturation: { max: 0.9 },
  // The start of the canary itself may be in the window.
  restarts: { max: 1 },
  'authentication-failures': { max: 'baseline * 1.5', owner: 'security' },
  'authorization-failures': { max: 'baseline * 1.5', owner: 'security' },
  'permission-escalations': { max: 'baseline * 1.5', owner: 'security' },
  'unusual-data-access': { max: 'baseline * 1.5', owner: 'security' },
};
